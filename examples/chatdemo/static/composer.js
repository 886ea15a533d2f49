// The box at the bottom: writing, sending, stopping, and what went wrong with it.

const $ = (id) => document.getElementById(id);

export class Composer {
  #send;
  #stop;
  #answering = false;
  #limit = Infinity;

  constructor({ send, stop }) {
    this.#send = send;
    this.#stop = stop;
    $("prompt").addEventListener("input", () => this.#edited());
    $("prompt").addEventListener("keydown", (event) => this.#pressed(event));
    $("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    $("stop").addEventListener("click", () => this.#interrupt());
    $("suggestions").addEventListener("click", ({ target }) => this.#suggest(target));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && this.#answering) this.#interrupt();
    });
    this.#refresh(); // a browser may have restored what was typed before a reload
  }

  // Not the textarea's maxlength: that one drops the end of a long paste in silence.
  limit(characters = Infinity) {
    this.#limit = characters;
    this.#edited();
  }

  // Takes back a complaint that the world has overtaken.
  forgive() {
    this.#edited();
  }

  // Takes a message back into the box, before what is there.
  edit(text) {
    $("prompt").value = [text, $("prompt").value].filter(Boolean).join("\n");
    this.#edited();
    $("prompt").focus();
  }

  showAnswering(answering) {
    if (this.#answering && !answering && document.activeElement === $("stop")) $("prompt").focus();
    this.#answering = answering;
    $("stop").hidden = !answering;
  }

  // An Enter that confirms an input method's suggestion sends nothing.
  #pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #suggest(target) {
    const button = target.closest("button");
    if (!button) return;
    $("prompt").value = button.textContent;
    this.#edited();
    this.#submit();
  }

  #edited() {
    const excess = this.#excess();
    this.#complain(excess > 0 ? `The message is ${excess} characters too long.` : "");
    this.#refresh();
  }

  #excess() {
    return [...$("prompt").value.trim()].length - this.#limit;
  }

  // The text goes to the conversation, where one sees whether it has arrived.
  #submit() {
    if ($("send").disabled) return;
    const prompt = $("prompt").value.trim();
    $("prompt").value = "";
    this.#edited();
    this.#send(prompt);
    $("prompt").focus();
  }

  async #interrupt() {
    try {
      await this.#stop();
      this.#complain("");
    } catch (error) {
      this.#complain(`The answer was not stopped. ${error.message}`);
    }
  }

  #complain(sentence) {
    $("problem").textContent = sentence;
    $("problem").hidden = !sentence;
  }

  #refresh() {
    const prompt = $("prompt");
    $("send").disabled = !prompt.value.trim() || this.#excess() > 0;
    prompt.style.height = "auto";
    prompt.style.height = `${prompt.scrollHeight}px`;
  }
}
