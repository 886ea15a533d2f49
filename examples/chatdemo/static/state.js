// What the page knows of its chat: a pure function from one state to the next.
//
// A state is never changed in place, and a message that did not change keeps its
// identity: that is how the view knows what to draw again.

export const EMPTY = Object.freeze({ messages: new Map() });

// The reducer of the session's view: for a snapshot, which replaces everything,
// and for the UI events of one event.
export function reduce(state, update) {
  if (update.type === "events") return update.events.reduce(applyUiEvent, state);
  const messages = new Map();
  for (const { kind, id, payload } of update.entities) {
    if (kind === "ChatMessage") messages.set(id, fromPayload(payload));
  }
  return { messages };
}

function applyUiEvent(state, { name, payload }) {
  switch (name) {
    case "ChatMessageAccepted":
    case "ChatMessageStarted":
    case "ChatMessageFinished":
    case "ChatMessageStopped":
      return withMessage(state, payload.messageId, () => fromPayload(payload.message));
    case "ChatMessageAppended":
      return withMessage(state, payload.messageId, (message) => {
        return message && { ...message, text: message.text + payload.chunk, trace: "" };
      });
    case "ChatInferenceTrace":
      return withMessage(state, payload.messageId, (message) => {
        return message && { ...message, trace: payload.detail ?? "" };
      });
    default:
      return state; // of a newer server
  }
}

// Returns the id of the answer that is being written; undefined where there is none.
export function answering(messages) {
  return Array.from(messages).findLast(([, { status }]) => status === "STREAMING")?.[0];
}

function withMessage(state, id, change) {
  const changed = change(state.messages.get(id));
  if (!changed) return state;
  return { ...state, messages: new Map(state.messages).set(id, changed) };
}

// Protobuf JSON leaves out what has its default value.
function fromPayload({ role = "", text = "", status = "", detail = "" }) {
  return {
    role: role.replace("CHAT_ROLE_", ""),
    status: status.replace("CHAT_STATUS_", ""),
    text,
    detail,
    trace: "",
  };
}
