// Evaluated in every fresh interpreter before its script, so it is small. What dates.js and
// describe.js need is taken hold of now, since a script may change whatever it can reach.
//
// dates(own): makes the `Date` of the flow's time zone, now if `early`; asked(): told whenever a
// script wants it; resultMax: how long a value may be as JSON.
// Gives [what reads a script's value, own].
(function (dates, asked, early, resultMax) {
  "use strict";
  const { apply, construct, defineProperty } = Reflect;
  const { stringify } = JSON;
  const { slice, toWellFormed } = String.prototype;
  const { exec } = RegExp.prototype;
  const own =
    { apply, construct, defineProperty, stringify, slice, toWellFormed, exec, Date, Error, String };
  const define = (name, value) =>
    defineProperty(globalThis, name, { __proto__: null, value, writable: true, configurable: true });

  let made = early ? dates(own) : null;
  const zoned = () => {
    asked();
    return made ??= dates(own);
  };
  defineProperty(globalThis, "Date", {
    get() { define("Date", zoned()); return made; },
    set(value) { define("Date", value); },
    configurable: true,
  });
  define("LocalDate", function LocalDate() { return new (zoned())(); });

  // The value as JSON, or the length of what is too long.
  const finish = (value) => {
    const json = stringify(value);
    return json === undefined ? "null" : json.length > resultMax ? json.length : json;
  };
  return [finish, own];
})
