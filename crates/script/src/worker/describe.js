// [what was thrown in words, the place as text]. Evaluated when a script has thrown; `own` is what
// the prelude took hold of. Asking may run what the script left there.
(function (own, thrown) {
  "use strict";
  const { apply, stringify, slice, toWellFormed, Error, String } = own;
  const short = (words, most) => apply(toWellFormed, apply(slice, words, [0, most]), []);
  let words = "an exception that cannot be shown";
  let stack = "";
  try {
    if (thrown instanceof Error) {
      const message = String(thrown.message);
      words = String(thrown.name) + (message === "" ? "" : ": " + message);
      stack = String(thrown.stack);
    } else {
      words = (typeof thrown === "object" && stringify(thrown)) || String(thrown);
    }
  } catch {
    // It stays at the words that stand there.
  }
  return [short(words, 500), short(stack, 2000)];
})
