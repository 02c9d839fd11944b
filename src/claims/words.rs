//! The words that authors use, in one place: markers, keywords, verbs, hedges.

use std::sync::LazyLock;

use regex::Regex;

macro_rules! pattern {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* pub static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($text).expect("valid pattern"));)*
    };
}

/// Words for output in the languages guides are written in; also with an article or adjective before.
macro_rules! output_words {
    () => {
        "outputs?|prints?|printed|printing|results?|shows?|showing|displays?|stdout|console|输出|结果|打印|출력|결과|出力|結果|salida|resultado|imprime|muestra|sortie|affiche|résultat|ausgabe|ergebnis|uscita|stampa|risultato|saída|вывод|выводит|результат|çıktı|wynik"
    };
}

pattern! {
    /// An arrow or an equals sign that introduces what is seen.
    ARROW = r"^(?:=+>|-+>|~>|→|⇒|➜|➔|⟶|⟹|>>>?|#>)\s*";
    /// `=` or `==` before a value.
    EQUALS = r"^={1,3}\s+";
    /// A keyword and a colon: `Output:`, `Expected result:`, `This will print:`.
    KEYWORD = concat!(
        r"(?i)^(?:(?:the|this|it|which|code|expected|sample|actual|example|final|correct|program|terminal|will|would|should|console|and)\s+)*(?P<word>",
        output_words!(),
        r"|returns?|returned|gives|value|evaluates to|yields|produces|now)(?:\s+(?:is|are|will be|would be|out|this|as|like|something like))?\s*[:：]\s*"
    );
    /// A line that only announces the lines below it.
    HEADER = concat!(
        r"(?i)^(?:(?:the|this|these|it|which|code|expected|sample|example|final|will|would|should|program|both|of|running|above)\s+)*(?P<word>",
        output_words!(),
        r")(?:\s+(?:will|would|should))?(?:\s+(?:is|are|be|show|shows|print|prints|output|display|out|this|here|follows|as follows|look like|looks like|lines?|statements?))*\s*(?P<colon>[:：])?$"
    );
    /// A header about several outputs: each line below is a claim of its own.
    PLURAL = r"(?i)\b(?:prints|outputs|results|lines|print statements)\s+(?:will|would|should|are|show|below)";
    /// A verb after which the value itself comes.
    VERB = r"(?i)\b(?:creates?|builds?|stores?|holds?|ends?\s+up\s+with|(?:we|you)\s+get|now|returns?|gives?|yields?|prints?(?:\s+out)?|outputs?|produces?|contains?|equals?|equal\s+to|evaluates?\s+to|results?\s+in|becomes?|makes?|is\s+now|is\s+still|remains|will\s+be|would\s+be|shows?|displays?|->|=>|→)\s*:?\s+(?:the\s+(?:list|tuple|set|dict|dictionary|string|number|value)\s+)?";
    /// `name is now value`: the relation between a name and its value.
    RELATION = r"^(?:\s*==?\s*|\s*(?:is\s+now|is\s+still|is\s+set\s+to|is|becomes|will\s+be|would\s+be|now\s+is|now\s+equals|equals|remains|stays|has\s+become|=>|->|→)\s+)";
    /// Between an expression of a comment and what it does.
    DOES = r"\s+(?P<verb>(?:will\s+|would\s+)?(?:prints?|outputs?|displays?|shows?)(?:\s+out)?|(?:will\s+|would\s+)?(?:returns?|gives?|yields?|evaluates?\s+to|equals?|produces?)|==|=>|->|→|is(?:\s+still|\s+now)?|becomes|(?:will\s+|would\s+)?(?:raises?|throws?))(?P<colon>\s*:)?\s+";
    /// `prints one, two to the console`, without a colon.
    PRINTS = r"(?i)^(?:prints?|outputs?|displays?|shows?)(?:\s+out)?\s+(?P<text>.+?)(?:\s+(?:to|on|in)\s+(?:the\s+)?(?:console|terminal|screen|stdout)\b.*)?$";
    /// An exception by its name, with what leads to it and its message.
    EXCEPTION = r"^(?i:(?P<verb>(?:=>\s*)?(?:this\s+|it\s+)?(?:will\s+|would\s+)?(?:raises?|raised|throws?|yields?|gives?|produces?|causes?|results?\s+in|error:|exception:|output\s*:)?)\s*(?:an?\s+|the\s+)?)(?P<name>(?:[a-z_]\w*\.)*[A-Z]\w*)(?P<rest>.*)$";
    /// That something fails, without saying how.
    FAILS = r"(?i)^(?:=>\s*|->\s*|→\s*)?(?:this\s+|it\s+)?(?:will\s+|would\s+)?(?:error|fails?|raises?\s+an?\s+(?:error|exception)|throws?\s+an?\s+(?:error|exception)|is\s+an\s+error)\s*[!.]*$";
    /// A condition behind an exception's name makes it a description.
    CONDITION = r"(?i)^[\s,]*(?:if|when|unless|on|in case|is|are|for|or|and|will|can|may|handling|raised|instead|class|subclass|object)\b";
    /// Code whose value is another one at another time or place.
    PLACE_AND_TIME = r"\b(?:now|today|utcnow|time_ns|perf_counter|monotonic|process_time|localtime|gmtime|ctime|asctime|getpid|getppid|gethostname|getcwd|getuser|uuid1|uuid4|urandom|token_hex)\s*\(|\btime\.time\(|\bstrftime\(\s*['\x22][^'\x22]*['\x22]\s*\)|\bplatform\b";
    /// Words by which an author says that it may differ.
    HEDGE = r"(?i)\b(?:e\.g\.|eg\.|for example|for instance|likely|probably|something like|similar to|varies|vary|may differ|might differ|may vary|on my machine|your (?:output|results?)|or similar|depends|random|not guaranteed|some(?:thing)? like|could be)";
    /// A hedge that introduces the value.
    HEDGE_PREFIX = r"(?i)^(?:e\.g\.|eg\.|for example|for instance|something like|likely|probably|maybe|could be)[,:]?\s+";
    /// What may stand between a value and a remark about it.
    SEPARATOR = r"^(?:\s*$|\s*[,;]\s+\D|\s+[-–—]+\s+|\s+\(|\s*\.(?:\s|$)|\s+#|\s+//|\s*!+\s*$|\s+(?:because|since|as|but|and|so|not|again|instead|in|on|even|due|thanks|after|still|too|also)\b)";
    /// What may stand between an exception's name and the end, where no verb introduces it.
    EXCEPTION_END = r"^(?:\s*$|\s*:|\s*[.!]+\s*$|\s+\(|\s*,?\s+(?:because|as|since|not)\b|\s+[-–—]+\s)";
    /// A time or a count after a number: as a remark on a value it says what the value is for.
    LOOSE_UNIT = r"^\s*(?:ms|µs|us|ns|s|secs?|seconds?|minutes?|hours?|times?|%|px|degrees)\b";
    /// A unit after a number.
    UNIT = r"^\s*(?:bytes?|[kKMG]i?B|bits?|ms|µs|us|ns|s|secs?|seconds?|minutes?|hours?|items?|elements?|chars?|characters?|times?|rows?|lines?|words?|keys?|%|°C|°F|px|degrees)\s*(?:$|[.,;(])";
    /// What no claim looks like: tool directives, to-do marks, dividers, annotations, static types.
    TRAP = r"(?i)^(?:type:|noqa|fmt:|isort:|pylint|pragma|mypy|ruff|nosec|-\*-|!|todo\b|fixme\b|xxx\b|hack\b|note\b|nb\b|warning:|\(\d+\)!?$|type check|reveal_type|error: |doctest:|[^\p{Alphabetic}\p{N}\[\](){}'\x22<>+-]*$|[-=*~_#.]{3,})";
    /// A numbered heading.
    NUMBERED = r"^(?:\d+[.)](?:\d+\.?)*\s+\p{Alphabetic}|\d+(?:\.\d+)+\s+\p{Lu}\p{Ll}|(?i:step|part|case|example)\s+\d+[.:)]?\s+\p{Alphabetic})";
    /// A label before a value: `Union: {1, 2}`.
    LABEL = r"^(?P<label>\p{Alphabetic}[\p{Alphabetic}\d '_.()\[\]-]{0,40}?)\s*[:：]\s+";
    /// An approximation: `~3.14`, `≈ 3.14`, `about 3.14`, `3.14…`.
    ABOUT = r"(?i)^(?:(?:~|≈|about|approximately|approx\.?|roughly|around)\s*-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?|-?\d+\.\d+(?:\.\.\.|…))";
    /// A number with its thousands set apart.
    THOUSANDS = r"^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$";
}

/// Whether a name can only be an exception's.
pub fn is_exception(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    ["Error", "Exception", "Warning", "Interrupt"].iter().any(|end| last.ends_with(end))
        || ["StopIteration", "StopAsyncIteration", "SystemExit", "GeneratorExit"].contains(&last)
}

/// Whether a keyword is about output rather than a value.
pub fn is_about_output(keyword: &str) -> bool {
    let word = keyword.to_lowercase();
    !(word.starts_with("return")
        || ["gives", "value", "evaluates to", "yields", "produces", "now"].contains(&word.as_str()))
}
