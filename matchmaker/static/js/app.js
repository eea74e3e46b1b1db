// Small helps on top of pages that work without them. Each module looks for its own markup and leaves the rest alone.
// The order matters where two listen to the same event: autosave may hold a submission back before it is counted as sent.

import "./ime_enter.js";
import "./autosave.js";
import "./submit_once.js";
import "./leave_guard.js";
import "./live_fit.js";
import "./counter.js";
import "./password.js";
import "./rows.js";
import "./menu.js";
