//! `sendEmail`: a mail.

use super::{Next, Notes, Surroundings};
use crate::{
    Attachment, Mail, MailVia, Smtp, World,
    interpolate::Filler,
    record::{reference_text, shown},
    variables::Variables,
};
use model::{
    flow::{
        syntax::{self, Mail as Arguments},
        template::Template,
    },
    trace::{Failure, FailureClass},
};
use serde_json::{Value, json};
use std::time::Duration;

/// How long to wait before a mail is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

pub(crate) async fn run<W: World>(
    arguments: &Arguments,
    variables: &mut Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mail = prepare(arguments, variables, around.webhook_id(), notes)?;
    let run = around.run;
    let mut tries = 0;
    let sent = loop {
        match run.answer(run.world.mail(mail.clone())).await {
            Err(error) if tries < arguments.retries && error.class != FailureClass::TimedOut => {
                tries += 1;
                notes.warnings.push(format!("tried again: {}", error.detail));
                run.within(run.world.sleep(AGAIN_AFTER)).await?;
            }
            sent => break sent,
        }
    };
    let id = match (sent, &arguments.set_error) {
        (Ok(id), _) => id,
        (Err(error), Some(variable)) if error.class != FailureClass::TimedOut => {
            notes.output(variable, || shown(&error.detail));
            variables.set(variable, Value::String(error.detail))?;
            return Ok(Next::On);
        }
        (Err(error), _) => return Err(error),
    };
    notes.output("message_id", || shown(&id));
    if let Some(variable) = &arguments.set_message_id {
        variables.set(variable, Value::String(id))?;
    }
    Ok(Next::On)
}

fn prepare(
    arguments: &Arguments,
    variables: &Variables<'_>,
    id: String,
    notes: &mut Notes,
) -> Result<Mail, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let addresses = |filler: &mut Filler<'_>, given: &[Template]| -> Vec<String> {
        let texts = given.iter().map(|one| filler.text(one));
        let each =
            texts.flat_map(|text| text.split([',', ';']).map(str::to_owned).collect::<Vec<_>>());
        each.map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
    };
    let some = |filler: &mut Filler<'_>, given: &Option<Template>| {
        given.as_ref().map(|one| filler.text(one)).filter(|text| !text.trim().is_empty())
    };
    let via = match &arguments.via {
        syntax::MailVia::Profile(profile) => filler.named(profile).map(MailVia::Profile),
        syntax::MailVia::Smtp(smtp) => smtp_of(smtp, &mut filler).map(MailVia::Smtp),
    };
    let to = addresses(&mut filler, &arguments.to);
    let cc = addresses(&mut filler, &arguments.cc);
    let attachments = arguments.attachments.iter().map(|file| Attachment {
        name: filler.text(&file.name),
        kind: filler.text(&file.kind),
        content: filler.text(&file.content).into_bytes(),
    });
    let attachments = attachments.collect();
    let mail = |filler: &mut Filler<'_>, via| Mail {
        id,
        to,
        cc,
        from: some(filler, &arguments.from),
        reply_to: some(filler, &arguments.reply_to),
        subject: filler.text(&arguments.subject),
        message: filler.text(&arguments.message),
        html: arguments.html,
        attachments,
        via,
    };
    let mail = via.map(|via| mail(&mut filler, via));
    filler.finish()?;
    let mail = mail?;
    let by = match &mail.via {
        MailVia::Profile(profile) => reference_text(profile),
        MailVia::Smtp(smtp) => format!("{}:{}", smtp.server, smtp.port),
    };
    notes.input = json!({
        "to": mail.to,
        "subject": shown(&mail.subject),
        "message": shown(&mail.message),
        "by": by,
    });
    if mail.to.is_empty() {
        return Err(Failure::new(FailureClass::Flow, "`to` has no address"));
    }
    if [&mail.subject]
        .into_iter()
        .chain(&mail.to)
        .chain(&mail.cc)
        .chain(&mail.from)
        .chain(&mail.reply_to)
        .any(|text| text.contains(['\r', '\n']))
    {
        return Err(Failure::new(FailureClass::Flow, "an address or the subject has a line break"));
    }
    Ok(mail)
}

fn smtp_of(smtp: &syntax::Smtp, filler: &mut Filler<'_>) -> Result<Smtp, Failure> {
    let port = filler.number(&smtp.port, "`port`", 1..=65_535)?;
    Ok(Smtp {
        server: filler.text(&smtp.server).trim().to_owned(),
        port: u16::try_from(port).unwrap_or(u16::MAX),
        tls: smtp.tls,
        user: smtp.user.as_ref().map(|user| filler.text(user)),
        password: smtp.password.as_ref().map(|password| filler.text(password)),
    })
}
