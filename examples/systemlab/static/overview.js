// Page 0: nothing to do yet.

