//! Secrets that are certificates: a chain and its key in PEM, by which a request says who is calling.

use rustls::{
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

/// What the first certificate of a chain, and each after it, begins with.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// The value of a secret as it is kept. What begins as a certificate has to be one, with its key;
/// lines that a form's field has run together are parted again.
///
/// # Errors
/// What is wrong with the certificate.
pub fn checked(value: String) -> Result<String, &'static str> {
    if !value.contains(BEGIN) {
        return Ok(value);
    }
    let pem = in_lines(&value);
    let chain = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|_| "holds a certificate that cannot be read")?;
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| "holds a certificate without its private key, in PEM and not encrypted")?;
    let certified = CertifiedKey::from_der(chain, key, &ring::default_provider());
    certified.map(|_| pem).map_err(|_| "holds a certificate and a key that is not its own")
}

/// Each line that begins or ends a part, and what is between, on lines of their own.
fn in_lines(text: &str) -> String {
    let text = text.replace("-----BEGIN ", "\n-----BEGIN ").replace("-----END ", "\n-----END ");
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let label = line.strip_prefix("-----").and_then(|rest| rest.split_once("-----"));
        match label {
            Some((label, rest)) => {
                lines.push(format!("-----{label}-----"));
                lines.extend(rest.split_whitespace().map(str::to_owned));
            }
            None => lines.push(line.to_owned()),
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_no_certificate_stays_as_it_is() {
        assert_eq!(checked(" s3cret ".into()), Ok(" s3cret ".into()));
        assert!(checked(format!("{BEGIN}\nAAAA\n-----END CERTIFICATE-----")).is_err());
        assert!(checked(format!("{BEGIN}\n!\n-----END CERTIFICATE-----")).is_err());
    }

    #[test]
    fn lines_that_were_run_together_are_parted() {
        let run =
            "-----BEGIN A-----QUJDRA== QUJD-----END A----------BEGIN B-----QQ==-----END B-----";
        let parted = "-----BEGIN A-----\nQUJDRA==\nQUJD\n-----END A-----\n\
                      -----BEGIN B-----\nQQ==\n-----END B-----\n";
        assert_eq!(in_lines(run), parted);
        assert_eq!(in_lines(parted), parted);
    }
}
