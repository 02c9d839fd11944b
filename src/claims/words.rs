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

/// Verbs for printing, by language; those of scripts without spaces need none behind them.
macro_rules! print_verbs {
    () => {
        r"prints?(?:\s+out)?|outputs?|displays?|shows?|imprime|muestra|escribe|affiche|gibt|druckt|zeigt|stampa|mostra|exibe|escreve|выводит|печатает|wypisuje|drukuje|yazdırır"
    };
}
macro_rules! print_verbs_without_spaces {
    () => {
        "(?:这里)?(?:会|将|將)?(?:打印|输出|輸出|显示|顯示|印出)(?:出|结果|結果)?"
    };
}
/// Verbs for giving a value. At the start of a comment only: elsewhere they mean too much.
macro_rules! value_verbs {
    () => {
        r"is|es|ist(?:\s+(?:jetzt|nun))?|wird|est|é|è|ergibt|liefert|gibt|devuelve|retorna|regresa|vale|da|renvoie|retourne|vaut|donne|restituisce|ritorna|dà|возвращает|равно|равен|даёт|дает|zwraca|daje|döndürür"
    };
}
macro_rules! value_verbs_without_spaces {
    () => {
        "(?:会|将|將)?(?:返回|得到|等于|等於|结果(?:是|为)|結果(?:是|為)|值(?:是|为|為)|变成|變成|变为|現在是|现在是|是|为)"
    };
}
/// Verbs for raising, by language.
macro_rules! raise_verbs {
    () => {
        r"raises?|raised|throws?|yields?|gives?|produces?|causes?|results?\s+in|(?:panics|fails|dies|crashes|errors|blows\s+up|ends)\s+(?:with|in)|lanza|levanta|eleva|genera|wirft|löst|lève|lance|lança|solleva|lancia|выбрасывает|вызывает|бросает|rzuca|zgłasza|fırlatır|(?:会|将|將)?(?:抛出|报错|報錯|引发|引發|触发|拋出)"
    };
}

pattern! {
    /// An arrow or an equals sign that introduces what is seen.
    ARROW = r"^(?://\s*)?(?:=+>|-+>|~+>|→|⇒|➜|➔|⟶|⟹|⇨|➡|↦|↳|⤷|▶|►|▸|»|[└┗╰][─━]*[>▶→]?|[┃│]|\|=>|>>>?|#>)\s*";
    /// `=` or `==` before a value.
    EQUALS = r"^={1,3}\s+";
    /// A keyword and a colon: `Output:`, `Expected result:`, `This will print:`.
    KEYWORD = concat!(
        r"(?i)^(?:[^?]*\?\s+)?(?:(?:the|this|it|which|code|expected|sample|actual|example|final|correct|program|terminal|will|would|should|console|and)\s+)*(?P<word>",
        output_words!(),
        r"|returns?|returned|gives|value|evaluates to|yields|produces|now|answer|ans|got|out|respuesta|antwort|réponse|答案|答)(?:\s+(?:is|are|will be|would be|out|this|as|like|something like))?\s*[:：]\s*"
    );
    /// A line that only announces the lines below it.
    HEADER = concat!(
        r"(?i)^(?:(?:the|this|these|it|which|code|expected|sample|example|final|will|would|should|program|both|of|running|above)\s+)*(?P<word>",
        output_words!(),
        r"|out)(?:\s+(?:will|would|should))?(?:\s+(?:is|are|be|show|shows|print|prints|output|display|out|this|here|follows|as follows|look like|looks like|lines?|statements?))*\s*(?P<colon>[:：])?$"
    );
    /// A line of prose that announces what the fence below it shows.
    CUE = concat!(r"(?i)(?:", output_words!(), r"|gives|produces|returns|yields|see|get|ergibt|liefert|devuelve|renvoie|返回|运行|執行|执行)");
    /// A header about several outputs: each line below is a claim of its own.
    PLURAL = r"(?i)\b(?:prints|outputs|results|lines|print statements)\s+(?:will|would|should|are|show|below)";
    /// A verb after which the value itself comes.
    VERB = r"(?i)\b(?:creates?|builds?|stores?|holds?|ends?\s+up\s+with|(?:we|you)\s+get|now|returns?|gives?|yields?|prints?(?:\s+out)?|outputs?|produces?|contains?|equals?|equal\s+to|evaluates?\s+to|results?\s+in|becomes?|makes?|is\s+now|is\s+still|remains|will\s+be|would\s+be|should\s+be|must\s+be|(?:result|output|answer|value)\s+is|shows?|displays?|->|=>|→)\s*:?\s+(?:the\s+(?:list|tuple|set|dict|dictionary|string|number|value)\s+)?";
    /// A verb at the start of a comment after which the value itself comes, in any language.
    VERB_FIRST = concat!(
        r"(?i)^(?:(?:it|this|that|which|esto|eso|das|dies|cela|ça|это)\s+)?(?:(?:",
        value_verbs!(), "|", print_verbs!(), r")\s*(?::\s*|\s)|(?:",
        value_verbs_without_spaces!(), "|", print_verbs_without_spaces!(), r")\s*[:：]?)\s*"
    );
    /// `name is now value`: the relation between a name and its value.
    RELATION = r"^(?:\s+(?:=+>|-+>|→)\s+|\s*==?\s*|:\s+|\s*(?:is\s+now|is\s+still|is\s+set\s+to|is|becomes|vale|vaut|ist(?:\s+(?:jetzt|nun))?|es|est|will\s+be|would\s+be|now\s+is|now\s+equals|equals|remains|stays|has\s+become|=>|->|→)\s+)";
    /// Between an expression of a comment and what it does.
    DOES = r"\s+(?P<verb>(?:will\s+|would\s+)?(?:prints?|outputs?|displays?|shows?)(?:\s+out)?|(?:will\s+|would\s+)?(?:returns?|gives?|yields?|evaluates?\s+to|equals?|produces?)|=|==|=+>|-+>|→|is(?:\s+still|\s+now)?|becomes|(?:will\s+|would\s+)?(?:raises?|throws?))(?P<colon>\s*:)?\s+";
    /// `prints one, two to the console`, without a colon.
    PRINTS = concat!(
        r"(?i)^(?:(?:", print_verbs!(), r")\s+|(?:", print_verbs_without_spaces!(),
        r")\s*[:：]?\s*)(?P<text>.+?)(?:\s+(?:to|on|in)\s+(?:the\s+)?(?:console|terminal|screen|stdout)\b.*|\s+aus)?$"
    );
    /// An exception by its name, with what leads to it and its message.
    EXCEPTION = concat!(
        r"^(?i:(?P<verb>(?:(?:=>|->|→)\s*)?(?:this\s+|it\s+)?(?:will\s+|would\s+)?(?:", raise_verbs!(),
        r"|error:|exception:|output\s*:)?)\s*(?:an?\s+|the\s+|une?\s+|uno\s+|eine?n?\s+)?)",
        r"(?P<name>(?:[a-z_]\w*\.)*[A-Z]\w*|(?:[a-z_]\w*\.)+error\b)(?P<rest>.*)$"
    );
    /// That something fails, without saying how.
    FAILS = r"(?i)^(?:=>\s*|->\s*|→\s*)?(?:this\s+|it\s+)?(?:will\s+|would\s+)?(?:error|fehler|erreur|errore|erro|ошибка|报错|出错|報錯|错误|エラー|fails?|crashes|breaks|blows\s+up|not\s+allowed|raises?\s+an?\s+(?:error|exception)|throws?\s+an?\s+(?:error|exception)|is\s+an\s+error)\s*[!.]*$";
    /// Words after a keyword that describe what is seen rather than show it.
    DESCRIBED = r"(?i)^(?:an?|the|one|two|three|some|see|each|every|all|any|no|same|similar|whatever|depends|nothing|something|value\s+of|list\s+of|number\s+of|sorted|reversed)\s+\p{Alphabetic}{2,}";
    /// Words before a verb that leave the subject to be what the comment stands at.
    SUBJECT = r"(?i)^(?:\W|\b(?:should|must|expected|to|it|this|that|these|which|what|we|you|i|will|would|and|so|then|now|here|still|the|an?|result|output|answer|value|call|code|function|method|expression|statement|line|list|dict|dictionary|set|tuple|string|queue|stack|deque|array|counter|mapping|container|collection|object|generator|again|only|both|also|just)\b)*$";
    /// Words that make what follows a condition.
    CONDITIONAL = r"(?i)\b(?:if|when|whenever|unless|while|until|where|whether|for|in case|assuming|suppose)\b";
    /// What ends one thing that a comment says and begins the next.
    CLAUSE = r"[,;.!:—–]\s+|\s{2,}";
    /// Marks for right, wrong or mind, before the claim itself.
    BADGE = r"^(?:[❌✗✘✖❎✔✓✅☑👉💥🚫⚠️•·⭐]\s*)+";
    /// A condition behind an exception's name makes it a description.
    CONDITION = r"(?i)^[\s,]*(?:if|when|unless|on|in case|is|are|for|or|and|will|can|may|handling|raised|instead|class|subclass|object)\b";
    /// Code whose value is another one at another time or place.
    PLACE_AND_TIME = r"\b(?:now|today|utcnow|time_ns|perf_counter|monotonic|process_time|localtime|gmtime|ctime|asctime|getpid|getppid|gethostname|getcwd|getuser|uuid1|uuid4|urandom|token_hex)\s*\(|\btime\.time\(|\bstrftime\(\s*['\x22][^'\x22]*['\x22]\s*\)|\bplatform\b";
    /// Words by which an author says that it may differ.
    HEDGE = r"(?i)\b(?:e\.g\.|eg\.|for example|for instance|likely|probably|something like|similar to|varies|vary|may differ|might differ|may vary|on my machine|your (?:output|results?)|or similar|depends|random|not guaranteed|some(?:thing)? like|could be)";
    /// A hedge that introduces the value.
    HEDGE_PREFIX = r"(?i)^(?:e\.g\.|eg\.|for example|for instance|something like|likely|probably|maybe|could be)[,:]?\s+";
    /// What may stand between a value and a remark about it.
    SEPARATOR = r"^(?:\s*$|\s*[,;]\s+\D|\s*[，；。！（]|\s{2,}\S|\s+(?:zurück|aus|an)\s*[.!]?$|\s*(?:を返す|を返します|を出力|と表示|が出力|を表示)|\s+[-–—]+\s+[^\s\d]|\s+<-+\s|\s+\(|\s*\.(?:\s|$)|\s+#|\s+//|\s*!+(?:\s|$)|\s+(?:because|since|as|but|so|again|even|due|thanks|too|also)\b)";
    /// What may stand between a value and words of which it may be a part: `5 in production`, `0: off`.
    WEAK_SEPARATOR = r"^(?:\s*:\s+\D|\s+(?:->|=>|→)\s+\S|\s+(?:and|not|in|on|after|still|instead|or|per|for|with|at|of|to|from|by)\b|\s+\(or\b|\s+\p{Alphabetic})";
    /// What may stand between an exception's name and the end, where no verb introduces it.
    EXCEPTION_END = r"^(?:\s*$|\s*:|\s*,\s+\p{Ll}|\s*[，。！]|\s*[.!]+\s*$|\s+\(|\s*,?\s+(?:because|as|since|not)\b|\s+[-–—]+\s)";
    /// A time or a count after a number: as a remark on a value it says what the value is for.
    LOOSE_UNIT = r"^\s*(?:[kKMGT]i?B|bits?|ms|µs|us|ns|s|secs?|seconds?|minutes?|hours?|times?|%|°C|°F|px|degrees)(?:\W|$)";
    /// A unit after a number.
    UNIT = r"^\s*(?:bytes?|[kKMG]i?B|bits?|ms|µs|us|ns|s|secs?|seconds?|minutes?|hours?|items?|elements?|chars?|characters?|times?|rows?|lines?|words?|keys?|%|°C|°F|px|degrees)\s*(?:$|[.,;(])";
    /// What no claim looks like: tool directives, to-do marks, dividers, annotations, static types.
    TRAP = r"(?i)^(?:type:|noqa|verify:|fmt:|isort:|pylint|pragma|mypy|ruff|nosec|-\*-|!|todo\b|fixme\b|xxx\b|hack\b|note\b|nb\b|warning:\s|\(\d+\)!?$|type check|reveal_type|error: |doctest:|[^\p{Alphabetic}\p{N}\[\](){}'\x22<>+-]*$|[*~_#.]{3,}|[-=]{3,}(?:[^>=-]|$))";
    /// What stands before a value without changing it: `always true`, `still 2 elements`.
    ADVERB = r"(?i)^(?:always|still|also|again|now|just|only|so|then|hence|therefore|finally|exactly|und|also|immer|siempre|toujours|sempre)\s+";
    /// That nothing is printed: `prints nothing`, `no output yet`, `nothing is printed`.
    SILENT = r"(?i)^(?:(?:it|this|which|and|still|also)\s+)*(?:(?:prints?|printed|outputs?|displays?|shows?)\s*:?\s+(?:nothing|no\s+output)|no\s+output|nothing\s+(?:(?:is|was|gets|will\s+be|has\s+been)\s+)?(?:printed|displayed|shown|output))(?:\s+(?:at\s+all|yet|here|now|again|so\s+far|this\s+time))*(?P<rest>.*)$";
    /// What a call gave, below what it printed.
    RETURNED = r"(?i)^(?:and\s+)?(?:returns?|returned|return\s+value)\s*[:：]\s*\S";
    /// Several values in a row.
    ROW = r"\s*(?:,\s*then|,\s*and|;|,|\bthen\b|\band\b)\s+";
    /// A numbered heading.
    NUMBERED = r"^(?:\d+[.)](?:\d+\.)*\s+\p{Alphabetic}|\d+(?:\.\d+)+\s+\p{Lu}\p{Ll}|(?i:step|part|case|example)\s+\d+[.:)]?\s+\p{Alphabetic})";
    /// An approximation: `~3.14`, `≈ 3.14`, `about 3.14`, `3.14…`.
    ABOUT = r"(?i)^(?:(?:~|≈|about|approximately|approx\.?|roughly|around)\s*-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?|-?\d+\.\d+(?:\.\.\.|…))";
    /// A number with the remark that it is not all of it: `0.6667 (approximately)`.
    ROUNDED = r"(?i)^(?P<number>-?\d+\.\d+)\s*[(,]?\s*(?:approx(?:imately|\.)?|roughly|about|rounded|circa|ca\.)";
    /// A number with its thousands set apart.
    THOUSANDS = r"^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$";
}

/// The longest label, in letters.
const LABEL: usize = 41;

/// What stands behind a label: the `{1, 2}` of `Union: {1, 2}`. By hand: a pattern that counts letters of all
/// scripts takes longer to be made than a guide to be read.
pub fn behind_label(text: &str) -> Option<&str> {
    let (label, rest) = text.split_once([':', '：'])?;
    let label = label.trim_end();
    let in_label = |c: char| c.is_alphanumeric() || " '_.()[]-".contains(c);
    let is_label = label.starts_with(char::is_alphabetic) && label.chars().all(in_label);
    let is_apart = rest.starts_with(char::is_whitespace);
    (is_label && is_apart && label.chars().count() <= LABEL).then(|| rest.trim_start())
}

/// Exceptions of Python and its library whose names do not say so.
const NAMED_OTHERWISE: [&str; 14] = [
    "StopIteration",
    "StopAsyncIteration",
    "SystemExit",
    "GeneratorExit",
    "ExceptionGroup",
    "BaseExceptionGroup",
    "InvalidOperation",
    "DivisionByZero",
    "TimeoutExpired",
    "QueueEmpty",
    "QueueFull",
    "BadZipFile",
    "BrokenBarrier",
    "Inexact",
];

/// Whether a name can only be an exception's.
pub fn is_exception(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let spelt_small = name.ends_with(".error");
    spelt_small
        || ["Error", "Exception", "Warning", "Interrupt"].iter().any(|end| last.ends_with(end))
        || NAMED_OTHERWISE.contains(&last)
}

/// Python's spelling of a truth value or of nothing in the words of other languages, of people and machines.
pub fn constant(word: &str) -> Option<&'static str> {
    match word.to_lowercase().as_str() {
        "true" | "verdadero" | "wahr" | "vrai" | "vero" | "verdadeiro" | "истина" | "правда" | "真"
        | "prawda" => Some("True"),
        "false" | "falso" | "falsch" | "faux" | "ложь" | "假" | "fałsz" => Some("False"),
        "none" | "null" | "nil" => Some("None"),
        _ => None,
    }
}

/// Whether a word is `True`, `False` or `None` with a letter that is another.
pub fn is_misspelt(word: &str) -> bool {
    let off = |constant: &str| constant.chars().zip(word.chars()).filter(|(a, b)| a != b).count() == 1;
    ["True", "False", "None"].iter().any(|constant| constant.len() == word.len() && off(constant))
}

/// Whether a keyword is about output rather than a value.
pub fn is_about_output(keyword: &str) -> bool {
    let word = keyword.to_lowercase();
    !(word.starts_with("return")
        || ["gives", "value", "evaluates to", "yields", "produces", "now"].contains(&word.as_str()))
}
