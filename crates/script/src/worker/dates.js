// `Date` in the flow's time zone: evaluated when a script first asks for it, or before its script
// where the one before did. Gives what stands for the built-in one, which is `Utc` here: the process
// itself lives in UTC. `own` is what the prelude took hold of.
//
// ahead(ms): how far local time is ahead of UTC at an instant; instant(ms): the instant of a local
// time that is given as if it were UTC.
(function (own, ahead, instant) {
  "use strict";
  const { apply, construct, defineProperty, Date: Utc, String: text } = own;
  const proto = Utc.prototype;
  const bare = (method) => (self, ...rest) => apply(method, self, rest);
  const define = (object, name, value) =>
    defineProperty(object, name, { __proto__: null, value, writable: true, configurable: true });

  const time = bare(proto.getTime);
  const setTime = bare(proto.setTime);
  const exec = bare(own.exec);

  // A Date whose UTC is the local time of this one.
  const local = (date) => {
    const ms = time(date);
    return new Utc(ms + ahead(ms));
  };

  const getters = {};
  for (const part of ["FullYear", "Month", "Date", "Day", "Hours", "Minutes"]) {
    const get = bare(proto["getUTC" + part]);
    getters[part] = get;
    define(proto, "get" + part, { get() { return get(local(this)); } }.get);
  }
  for (const part of ["FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds"]) {
    const set = proto["setUTC" + part];
    const method = { set(...values) {
      const shifted = local(this);
      apply(set, shifted, values);
      return setTime(this, instant(time(shifted)));
    } };
    define(proto, "set" + part, method.set);
  }
  define(proto, "getYear", function getYear() { return getters.FullYear(local(this)) - 1900; });
  define(proto, "setYear", function setYear(year) {
    const full = +year;
    return this.setFullYear(full >= 0 && full <= 99 ? 1900 + full : full);
  });
  define(proto, "getTimezoneOffset", function getTimezoneOffset() {
    return -ahead(time(this)) / 60000;
  });

  const offset = (date) => {
    const minutes = ahead(time(date)) / 60000;
    const far = minutes < 0 ? -minutes : minutes;
    const two = (number) => (number < 10 ? "0" : "") + number;
    return "GMT" + (minutes < 0 ? "-" : "+") + two((far - far % 60) / 60) + two((far % 60) | 0);
  };
  for (const name of ["toString", "toTimeString"]) {
    const write = bare(proto[name]);
    define(proto, name, { write() {
      const written = write(local(this));
      const match = exec(/^(.*)GMT\+0000/, written);
      return match === null ? written : match[1] + offset(this);
    } }.write);
  }
  for (const name of ["toDateString", "toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) {
    const write = bare(proto[name]);
    define(proto, name, { write() { return write(local(this)); } }.write);
  }

  // Whether a text says of itself in which zone it is; a date alone is in UTC.
  const zoned = (written) =>
    exec(/^\s*[+-]?\d{4,6}(-\d\d){0,2}\s*$/, written) !== null ||
    exec(/((GMT|UTC?|[ECMP][SD]T|\d\s*Z)([+-]\d\d:?\d\d)?|:\d\d(\.\d+)?\s*[+-]\d\d(:?\d\d)?)\s*(\([^()]*\))?\s*$/i, written) !== null;
  const parse = (written) => {
    const ms = Utc.parse(written);
    return zoned(written) ? ms : instant(ms);
  };
  const { now, UTC } = Utc;
  function Zoned(...parts) {
    if (new.target === undefined) return new Zoned().toString();
    const ms = parts.length === 0 ? now()
      : parts.length > 1 ? instant(apply(UTC, Utc, parts))
      : typeof parts[0] === "string" ? parse(parts[0])
      : parts[0];
    return construct(Utc, [ms], new.target);
  }
  define(Zoned, "name", "Date");
  define(Zoned, "length", 7);
  define(Zoned, "now", now);
  define(Zoned, "UTC", UTC);
  define(Zoned, "parse", function (written) { return parse(text(written)); });
  defineProperty(Zoned, "prototype", { __proto__: null, value: proto, writable: false });
  define(proto, "constructor", Zoned);
  return Zoned;
})
