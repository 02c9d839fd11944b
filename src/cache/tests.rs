use super::*;

fn parts(text: &str) -> Vec<Vec<u8>> {
    vec![format!("head of {text}").into(), format!("body of {text}").into(), Vec::new()]
}

fn read(cache: &Cache, name: &str) -> Option<Vec<Vec<u8>>> {
    let entry = cache.entry(name)?;
    (0..entry::PARTS).map(|part| entry.part(part)).collect()
}

#[test]
fn what_is_kept_is_found_again_and_replaced() {
    let place = tempfile::tempdir().unwrap();
    let cache = Cache::new(place.path().join("not/yet"), 1 << 20);
    assert_eq!(read(&cache, "a"), None);
    for text in ["one", "another"] {
        cache.keep("a", &parts(text));
        assert_eq!(read(&cache, "a"), Some(parts(text)));
    }
    assert_eq!((cache.contents().entries.len(), cache.trouble()), (1, None));
    cache.keep("b", &parts("b"));
    assert_eq!((cache.clear("a").unwrap(), cache.contents().entries.len()), (1, 1));
}

#[test]
fn any_byte_that_is_another_and_any_that_is_missing_shows() {
    let place = tempfile::tempdir().unwrap();
    let cache = Cache::new(place.path().to_owned(), 1 << 20);
    cache.keep("a", &parts("a"));
    let path = cache.path("a");
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        for change in [1, 0x80] {
            let mut damaged = whole.clone();
            damaged[at] ^= change;
            fs::write(&path, damaged).unwrap();
            assert_eq!(read(&cache, "a"), None, "byte {at}");
        }
        fs::write(&path, &whole[..at]).unwrap();
        assert_eq!(read(&cache, "a"), None, "{at} bytes");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(read(&cache, "a"), Some(parts("a")));
}

#[test]
fn of_too_many_the_longest_unused_go() {
    let place = tempfile::tempdir().unwrap();
    let large = vec![vec![0; 1000], Vec::new(), Vec::new()];
    let cache = Cache::new(place.path().to_owned(), 3500);
    for (age, name) in ["a", "b", "c", "d"].iter().rev().enumerate() {
        cache.keep(name, &large);
        let used = SystemTime::now() - Duration::from_secs(10 * (age as u64 + 1));
        File::options().write(true).open(cache.path(name)).unwrap().set_modified(used).unwrap();
    }
    cache.entry("a").unwrap().touch();
    fs::write(place.path().join(".tmpold"), "").unwrap();
    let long_ago = SystemTime::now() - 2 * ABANDONED;
    File::options().write(true).open(place.path().join(".tmpold")).unwrap().set_modified(long_ago).unwrap();
    cache.trim();
    let left: Vec<_> = ["a", "b", "c", "d"].into_iter().filter(|name| read(&cache, name).is_some()).collect();
    assert_eq!(left, ["a", "c", "d"], "`a` was used, so `b` is the longest unused");
    assert!(!place.path().join(".tmpold").exists());
}
