//! One interpreter for one script.

use super::{
    watchdog::{Cpu, cpu_us},
    zone::{Zone, Zones},
};
use crate::{
    script::Kind,
    wire::{Outcome, Request, Setup},
};
use rquickjs::{
    Array, Context, Ctx, Error, Function, Object, Persistent, Result, Runtime, Value,
    context::{EvalOptions, intrinsic},
    function::Args,
};
use serde_json::value::RawValue;
use std::{
    cell::{Cell, RefCell},
    fmt::Write,
    rc::Rc,
};

/// What calls may take of the stack, in bytes.
const STACK: usize = 512 << 10;
/// How a script is called where an exception says where it comes from.
const NAME: &str = "script";

/// What the language has here. Without typed arrays there is no shared memory to wait on; without
/// weak references nothing runs when memory is freed.
type Intrinsics = (
    intrinsic::Eval,
    intrinsic::Date,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::MapSet,
    intrinsic::Promise,
);

/// Fields are dropped in this order: functions before the context that they live in.
pub struct Interpreter {
    finish: Persistent<Function<'static>>,
    own: Persistent<Object<'static>>,
    context: Context,
    result_max: usize,
    dates: Rc<Dates>,
    limit: Rc<Limit>,
}

/// What is left of an interpreter that has run its script. Freeing it takes a third of what making
/// it did.
pub struct Used(Interpreter);

impl Used {
    /// Whether the script asked for `Date`.
    pub fn asked_for_dates(&self) -> bool {
        self.0.dates.asked.get()
    }
}

/// What `Date` is in an interpreter.
struct Dates {
    zone: RefCell<Zone>,
    /// Whether the script asked for it.
    asked: Cell<bool>,
}

/// When the script is to be stopped, in processor time of the process, and whether it was.
struct Limit {
    until_us: Cell<u64>,
    met: Cell<bool>,
}

impl Interpreter {
    /// Makes one, with nothing in it but the language. `Date` takes longer than all the rest: it is
    /// made now where it is likely to be used, and else when a script asks for it.
    pub fn new(setup: &Setup, with_dates: bool) -> Result<Self> {
        let runtime = Runtime::new()?;
        runtime.set_memory_limit(setup.memory);
        runtime.set_max_stack_size(STACK);
        let limit = Rc::new(Limit { until_us: Cell::new(u64::MAX), met: Cell::new(false) });
        let asked = limit.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || {
            let met = cpu_us() >= asked.until_us.get();
            asked.met.set(met);
            met
        })));
        let context = Context::custom::<Intrinsics>(&runtime)?;
        let dates = Rc::new(Dates { zone: RefCell::new(Zone::utc()), asked: Cell::new(false) });
        let (finish, own) = context.with(|ctx| prepare(&ctx, &dates, with_dates, setup.result))?;
        Ok(Self { finish, own, context, result_max: setup.result, dates, limit })
    }

    /// Runs the script; only once, so that nothing of it is left for another.
    pub fn run(self, request: &Request, zones: &Zones, cpu: &Cpu<'_>) -> (Outcome, Used) {
        let Some(zone) = zones.get(&request.zone) else { return (Outcome::Zone, Used(self)) };
        *self.dates.zone.borrow_mut() = zone;
        self.limit.until_us.set(cpu.until_us());
        let outcome = self.context.with(|ctx| {
            let json = self.evaluate(&ctx, request);
            json.unwrap_or_else(|error| self.failure(&ctx, error))
        });
        (outcome, Used(self))
    }

    fn evaluate(&self, ctx: &Ctx<'_>, request: &Request) -> Result<Outcome> {
        let function: Function<'_> = eval(ctx, function(request))?;
        let mut args = Args::new_unsized(ctx.clone());
        for (_, value) in &request.bindings {
            args.push_arg(ctx.json_parse(value.get())?)?;
        }
        let value: Value<'_> = function.call_arg(args)?;
        if value.is_promise() {
            let message = "the script gives a promise; it must give a value".to_owned();
            return Ok(Outcome::Exception { message, line: None });
        }
        let finish = self.finish.clone().restore(ctx)?;
        let json: Value<'_> = finish.call((value,))?;
        let Some(json) = json.as_string() else { return Ok(Outcome::ResultSize) };
        let json = without_lone_surrogates(json.to_string()?);
        if json.len() > self.result_max {
            return Ok(Outcome::ResultSize);
        }
        let no_json = |_| Error::new_from_js("value", "JSON");
        Ok(Outcome::Value(RawValue::from_string(json).map_err(no_json)?))
    }

    fn failure(&self, ctx: &Ctx<'_>, error: Error) -> Outcome {
        let thrown = ctx.catch();
        let outcome = match error {
            Error::Allocation => Outcome::Memory,
            // What the interpreter throws when there is not even room for an error.
            Error::Exception if thrown.is_null() => Outcome::Memory,
            Error::Exception => self.exception(ctx, thrown).unwrap_or(Outcome::Memory),
            other => Outcome::Exception { message: other.to_string(), line: None },
        };
        if self.limit.met.get() { Outcome::Cpu } else { outcome }
    }

    fn exception<'js>(&self, ctx: &Ctx<'js>, thrown: Value<'js>) -> Result<Outcome> {
        let describe: Function<'_> = ctx.eval(include_str!("describe.js"))?;
        let described: Array<'_> = describe.call((self.own.clone().restore(ctx)?, thrown))?;
        let (message, stack): (String, String) = (described.get(0)?, described.get(1)?);
        Ok(match message.as_str() {
            "InternalError: out of memory" => Outcome::Memory,
            "RangeError: Maximum call stack size exceeded" => Outcome::Recursion,
            _ => Outcome::Exception { line: line(&stack), message },
        })
    }
}

/// What reads a script's value, and what no script can have changed.
type Prepared = (Persistent<Function<'static>>, Persistent<Object<'static>>);

/// Evaluates what every script finds there.
fn prepare(
    ctx: &Ctx<'_>,
    dates: &Rc<Dates>,
    with_dates: bool,
    result_max: usize,
) -> Result<Prepared> {
    let prelude: Function<'_> = ctx.eval(include_str!("prelude.js"))?;
    let (made, wanted) = (dates.clone(), dates.clone());
    let make = Function::new(ctx.clone(), move |ctx, own| date(&ctx, own, &made))?;
    let asked = Function::new(ctx.clone(), move || wanted.asked.set(true))?;
    let result_max = u32::try_from(result_max).unwrap_or(u32::MAX);
    let prepared: Array<'_> = prelude.call((make, asked, with_dates, result_max))?;
    let (finish, own): (Function<'_>, Object<'_>) = (prepared.get(0)?, prepared.get(1)?);
    Ok((Persistent::save(ctx, finish), Persistent::save(ctx, own)))
}

/// The `Date` that takes the place of the built-in one.
fn date<'js>(ctx: &Ctx<'js>, own: Object<'js>, dates: &Rc<Dates>) -> Result<Object<'js>> {
    let make: Function<'_> = ctx.eval(include_str!("dates.js"))?;
    let (here, there) = (dates.clone(), dates.clone());
    let ahead = Function::new(ctx.clone(), move |ms: f64| here.zone.borrow().ahead(ms))?;
    let instant = Function::new(ctx.clone(), move |ms: f64| there.zone.borrow().instant(ms))?;
    make.call((own, ahead, instant))
}

fn eval<'js>(ctx: &Ctx<'js>, source: String) -> Result<Function<'js>> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(NAME.to_owned());
    ctx.eval_with_options(source, options)
}

/// The script as a function of its bindings. Its first line stays the first.
fn function(request: &Request) -> String {
    let names: Vec<_> = request.bindings.iter().map(|(name, _)| name.as_str()).collect();
    let mut source = String::with_capacity(request.source.len() + 64);
    let (names, script) = (names.join(","), &request.source);
    // A script may end with a comment.
    let written = match request.kind {
        Kind::Expression => write!(source, "(function({names}){{return ({script}\n)}})"),
        Kind::Body => write!(source, "(function({names}){{{script}\n}})"),
    };
    debug_assert!(written.is_ok(), "a String takes any text");
    source
}

/// The line of the script that an exception's stack names first.
fn line(stack: &str) -> Option<u32> {
    let (_, place) = stack.split_once(&format!("{NAME}:"))?;
    place.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// JSON in which halves of surrogate pairs, which no text outside of JavaScript can hold, are
/// replaced. JSON has them only as escapes: `\ud83d`.
fn without_lone_surrogates(mut json: String) -> String {
    let mut from = 0;
    while let Some(at) = json[from..].find('\\').map(|at| from + at) {
        let escape = json.as_bytes().get(at + 1..at + 6);
        let lone = escape.is_some_and(|escape| {
            matches!(escape, [b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..])
        });
        if lone {
            json.replace_range(at..at + 6, "\u{fffd}");
            from = at + '\u{fffd}'.len_utf8();
        } else {
            from = at + 2;
        }
    }
    json
}
