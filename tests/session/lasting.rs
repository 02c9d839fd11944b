//! What outlives a check, and what becomes of one that is given up.

use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use verify::check::{Options, Session, check_documents};
use verify::run::{Cancel, Cancelled};

use super::guides::{checked, guide, told};
use super::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("a_session_says_what_a_check_says", a_session_says_what_a_check_says),
        trial("a_check_is_given_up_and_the_session_goes_on", a_check_is_given_up_and_the_session_goes_on),
    ]
}

fn a_session_says_what_a_check_says() {
    let first = [guide("a.md", "## 1\n```python\nx = 2\nx  # 3\n```\n## 2\n```python\nprint(x)  # 2\n```\n")];
    // Another guide, with another module to import, in the same workers.
    let second = [guide("b.md", "```python\nimport json\njson.dumps([1])  # '[1]'\n```\n"), first_again()];
    let mut session = Session::new(Options::default()).unwrap();
    for guides in [&first[..], &second, &first] {
        let once = check_documents(guides, &[], Options::default()).unwrap();
        assert_eq!(told(&checked(&mut session, guides)), told(&once));
    }
    let asked = ["2".to_owned()];
    let some = session.check(&first, &asked, &Cancel::new().unwrap()).unwrap();
    assert_eq!(told(&some), told(&check_documents(&first, &asked, Options::default()).unwrap()));
    assert_eq!(some.summary.snippets, 1);
}

fn first_again() -> (std::path::PathBuf, verify::check::Read) {
    guide("a.md", "```python\nraise KeyError(1)\n```\n")
}

fn a_check_is_given_up_and_the_session_goes_on() {
    const LONG: Duration = Duration::from_secs(600);
    let endless =
        [guide("a.md", "```python\nwhile True: pass\n```\n## 2\n```python\nwhile True: pass\n```\n")];
    let mut session = Session::new(Options { timeout: Some(LONG), ..Options::default() }).unwrap();
    let cancel = Cancel::new().unwrap();
    let other = cancel.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        other.cancel();
    });
    let started = Instant::now();
    let error = session.check(&endless, &[], &cancel).unwrap_err();
    assert!(error.is::<Cancelled>(), "{error:#}");
    assert!(started.elapsed() < LONG / 2, "it was not waited for");
    assert!(session.check(&endless, &[], &cancel).unwrap_err().is::<Cancelled>(), "nothing begins any more");
    let fine = checked(&mut session, &[guide("a.md", "```python\n1 + 1  # 2\n```\n")]);
    assert_eq!(fine.summary.holds, 1);
}
