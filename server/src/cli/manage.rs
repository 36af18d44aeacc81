//! Users and tokens, from the command line on the machine itself.

use admin::{Admin, NothingRuns};
use clap::Subcommand;
use model::user::{Actor, Role, Scope};
use std::{error::Error, io::Read, sync::Arc};
use storage::Storage;

/// What can be done with users.
#[derive(Subcommand)]
pub enum User {
    /// Make a user; the password is read from standard input
    Add {
        login: String,
        /// admin, editor or viewer
        #[arg(long)]
        role: Role,
        /// Read the password from standard input (without its last line break)
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Print a link that signs a user in once, within a day
    Link { login: String },
}

/// What can be done with tokens.
#[derive(Subcommand)]
pub enum Token {
    /// Make a token and print it once, alone on standard output
    Add {
        name: String,
        /// ingest, manage, read; comma-separated
        #[arg(long, value_delimiter = ',', required = true)]
        scope: Vec<Scope>,
    },
}

/// Carries out a command about users. `public_url` is where people reach the panel.
pub async fn user(
    storage: Arc<dyn Storage>,
    act: User,
    public_url: &str,
) -> Result<(), Box<dyn Error>> {
    let admin = Admin::new(storage, Arc::new(NothingRuns));
    match act {
        User::Add { login, role, password_stdin: _ } => {
            let mut password = String::new();
            std::io::stdin().read_to_string(&mut password)?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            let user = admin.create_user(&Actor::operator(), &login, role, password).await?;
            eprintln!("made {} ({})", user.login, user.role);
        }
        User::Link { login } => {
            let secret = admin.new_sign_in_secret(&Actor::operator(), &login).await?;
            println!("{public_url}/sign-in?link={secret}");
        }
    }
    Ok(())
}

/// Carries out a command about tokens.
pub async fn token(storage: Arc<dyn Storage>, act: Token) -> Result<(), Box<dyn Error>> {
    let Token::Add { name, scope } = act;
    let admin = Admin::new(storage, Arc::new(NothingRuns));
    let made = admin.create_token(&Actor::operator(), &name, &scope).await?;
    println!("{}", made.secret);
    Ok(())
}
