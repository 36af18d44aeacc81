//! Signing requests in the way of Standard Webhooks: HMAC-SHA256 over id, time and body.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac};
use model::secret::SIGNING_PREFIX;
use sha2::Sha256;

/// The value of `webhook-signature`; nothing where the key is none.
pub fn signature(key: &str, id: &str, timestamp_s: i64, body: &[u8]) -> Option<String> {
    let key = BASE64_STANDARD.decode(key.trim().strip_prefix(SIGNING_PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp_s}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_signed_as_the_standard_does() {
        // The example of the Standard Webhooks specification and its reference libraries.
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = br#"{"test": 2432232314}"#;
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = signature(key, id, 1_614_265_330, body);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_ne!(signature(key, id, 1_614_265_331, body), signed);
        for no_key in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?"] {
            assert_eq!(signature(no_key, id, 0, body), None);
        }
    }
}
