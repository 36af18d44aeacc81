//! What answers about variables of the installation, secrets and mail profiles look like.

use super::{
    super::{mail_profiles::MailProfiles, secrets::Secrets, variables::Variables},
    ACCEPTED,
};
use model::{
    ids::MailProfileId,
    mail_profile::{MailProfile, MailProfileDraft, MailTls},
    secret::{Secret, SecretDraft},
    variable::{Variable, VariableDraft},
};

/// A variable of the installation that a flow set.
pub fn variable() -> Variable {
    Variable {
        name: "last_caller".into(),
        value: Some("+380441234567".into()),
        encrypted: false,
        updated_at: ACCEPTED,
        updated_by: "flow Result".into(),
    }
}

/// All of them: the one.
pub fn variables() -> Variables {
    Variables { items: vec![variable()] }
}

/// What it is set to.
pub fn variable_draft() -> VariableDraft {
    VariableDraft { value: "+380441234567".into(), encrypted: false }
}

/// The token of a CRM.
pub fn secret() -> Secret {
    Secret {
        name: "CRM_TOKEN".into(),
        description: "May read and write contacts; renewed each January".into(),
        created_at: ACCEPTED.plus(-86_400_000),
        updated_at: ACCEPTED,
        updated_by: "olena".into(),
    }
}

/// All of them: the one.
pub fn secrets() -> Secrets {
    Secrets { items: vec![secret()] }
}

/// What it is set to.
pub fn secret_draft() -> SecretDraft {
    SecretDraft { value: Some("the token".into()), description: Some(secret().description) }
}

/// The mail server of an office.
pub fn mail_profile() -> MailProfile {
    MailProfile {
        id: MailProfileId(1),
        name: "office".into(),
        server: "mail.example".into(),
        port: 587,
        tls: MailTls::StartTls,
        user: Some("hooks".into()),
        has_password: true,
        from: "Offhook <hooks@example.org>".into(),
        updated_at: ACCEPTED,
        updated_by: "olena".into(),
    }
}

/// All of them: the one.
pub fn mail_profiles() -> MailProfiles {
    MailProfiles { items: vec![mail_profile()] }
}

/// What it is to be.
pub fn mail_profile_draft() -> MailProfileDraft {
    let of = mail_profile();
    MailProfileDraft {
        server: of.server,
        port: of.port,
        tls: of.tls,
        user: of.user,
        password: Some("the password".into()),
        from: of.from,
    }
}
