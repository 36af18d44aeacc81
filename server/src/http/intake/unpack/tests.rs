use super::*;
use axum::http::HeaderValue;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

const MAX: usize = 1 << 20;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("written");
    encoder.finish().expect("packed")
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 1).expect("packed")
}

fn encoding(values: &[&'static str]) -> Result<Encoding, String> {
    let headers =
        values.iter().map(|value| (CONTENT_ENCODING, HeaderValue::from_static(value))).collect();
    Encoding::of(&headers).map_err(|refusal| refusal.problem.detail)
}

#[test]
fn one_encoding_is_told_at_most() {
    assert_eq!(encoding(&[]), Ok(Encoding::Identity));
    assert_eq!(encoding(&["identity"]), Ok(Encoding::Identity));
    assert_eq!(encoding(&["GZIP"]), Ok(Encoding::Gzip));
    assert_eq!(encoding(&["x-gzip, identity"]), Ok(Encoding::Gzip));
    assert_eq!(encoding(&["zstd"]), Ok(Encoding::Zstd));
    assert!(encoding(&["br"]).is_err_and(|told| told.contains("packed as br")));
    for several in [&["gzip, zstd"][..], &["gzip", "zstd"], &["gzip,gzip"]] {
        assert!(encoding(several).is_err_and(|told| told.contains("packed once")), "{several:?}");
    }
}

#[test]
fn what_was_packed_comes_out_also_from_several_parts() {
    for (encoding, pack) in [(Encoding::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Encoding::Zstd, zstd)]
    {
        let whole = inflate(encoding, &pack(b"one and two"), MAX).expect("unpacked");
        assert_eq!(whole, b"one and two");
        let parts = [pack(b"one "), pack(b"and two")].concat();
        assert_eq!(inflate(encoding, &parts, MAX).expect("unpacked"), b"one and two");
    }
}

#[test]
fn the_limit_holds_for_what_comes_out() {
    for (encoding, pack) in [(Encoding::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Encoding::Zstd, zstd)]
    {
        let fits = inflate(encoding, &pack(&vec![b' '; MAX]), MAX).expect("it fits");
        assert_eq!(fits.len(), MAX);
        let larger = inflate(encoding, &pack(&vec![b' '; MAX + 1]), MAX);
        assert!(matches!(larger, Err(Packed::Larger)), "{encoding:?}");
    }
}

#[test]
fn unpacking_ends_at_the_limit_however_much_there_is() {
    assert!(matches!(at_most(io::repeat(0), MAX), Err(Packed::Larger)));
}

#[test]
fn broken_data_are_told_from_large_ones() {
    for (encoding, pack) in [(Encoding::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Encoding::Zstd, zstd)]
    {
        let packed = pack(b"some text that is packed");
        let cut = &packed[..packed.len() - 3];
        let mut spoilt = packed.clone();
        spoilt[0] ^= 1;
        let trailed = [&packed[..], b"trailing"].concat();
        for broken in [cut, &spoilt, &trailed, b"{\"event\": 1}"] {
            let result = inflate(encoding, broken, MAX);
            assert!(matches!(result, Err(Packed::Broken(_))), "{encoding:?}: {result:?}");
        }
    }
}

#[test]
fn a_window_that_takes_much_memory_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
    encoder.window_log(27).expect("a window");
    encoder.write_all(b"a few bytes").expect("written");
    let packed = encoder.finish().expect("packed");
    let result = inflate(Encoding::Zstd, &packed, MAX);
    assert!(matches!(result, Err(Packed::Broken(_))), "{result:?}");
}
