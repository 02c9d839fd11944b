//! Which distribution brings a module whose name is not its own, and which modules Python itself has lost.

/// Modules and the distributions that bring them, in the order of the modules. Dotted names are parts of a
/// module that several distributions share.
const NAMED_OTHERWISE: &[(&str, &str)] = &[
    ("AppKit", "pyobjc"),
    ("Bio", "biopython"),
    ("Crypto", "pycryptodome"),
    ("Cryptodome", "pycryptodomex"),
    ("Foundation", "pyobjc"),
    ("MySQLdb", "mysqlclient"),
    ("OpenGL", "PyOpenGL"),
    ("OpenSSL", "pyOpenSSL"),
    ("PIL", "Pillow"),
    ("Quartz", "pyobjc"),
    ("RPi", "RPi.GPIO"),
    ("Xlib", "python-xlib"),
    ("_pytest", "pytest"),
    ("allauth", "django-allauth"),
    ("apiclient", "google-api-python-client"),
    ("attr", "attrs"),
    ("azure.identity", "azure-identity"),
    ("azure.keyvault.secrets", "azure-keyvault-secrets"),
    ("azure.storage.blob", "azure-storage-blob"),
    ("backports.zoneinfo", "backports.zoneinfo"),
    ("barcode", "python-barcode"),
    ("bluetooth", "PyBluez"),
    ("board", "Adafruit-Blinka"),
    ("bs4", "beautifulsoup4"),
    ("bson", "pymongo"),
    ("cairo", "pycairo"),
    ("camelot", "camelot-py"),
    ("can", "python-can"),
    ("cassandra", "cassandra-driver"),
    ("community", "python-louvain"),
    ("consul", "python-consul"),
    ("corsheaders", "django-cors-headers"),
    ("crispy_forms", "django-crispy-forms"),
    ("crontab", "python-crontab"),
    ("cv2", "opencv-python"),
    ("daemon", "python-daemon"),
    ("dateutil", "python-dateutil"),
    ("dbus", "dbus-python"),
    ("debug_toolbar", "django-debug-toolbar"),
    ("decouple", "python-decouple"),
    ("delta", "delta-spark"),
    ("discord", "discord.py"),
    ("django_filters", "django-filter"),
    ("dns", "dnspython"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("engineio", "python-engineio"),
    ("environ", "django-environ"),
    ("escpos", "python-escpos"),
    ("factory", "factory-boy"),
    ("faiss", "faiss-cpu"),
    ("ffmpeg", "ffmpeg-python"),
    ("fitz", "PyMuPDF"),
    ("frontmatter", "python-frontmatter"),
    ("gflags", "python-gflags"),
    ("gi", "PyGObject"),
    ("git", "GitPython"),
    ("github", "PyGithub"),
    ("gitlab", "python-gitlab"),
    ("gnupg", "python-gnupg"),
    ("google.api_core", "google-api-core"),
    ("google.auth", "google-auth"),
    ("google.cloud.bigquery", "google-cloud-bigquery"),
    ("google.cloud.firestore", "google-cloud-firestore"),
    ("google.cloud.logging", "google-cloud-logging"),
    ("google.cloud.pubsub", "google-cloud-pubsub"),
    ("google.cloud.pubsub_v1", "google-cloud-pubsub"),
    ("google.cloud.secretmanager", "google-cloud-secret-manager"),
    ("google.cloud.speech", "google-cloud-speech"),
    ("google.cloud.storage", "google-cloud-storage"),
    ("google.cloud.translate", "google-cloud-translate"),
    ("google.cloud.vision", "google-cloud-vision"),
    ("google.genai", "google-genai"),
    ("google.generativeai", "google-generativeai"),
    ("google.oauth2", "google-auth"),
    ("google.protobuf", "protobuf"),
    ("google.rpc", "googleapis-common-protos"),
    ("googleapiclient", "google-api-python-client"),
    ("gridfs", "pymongo"),
    ("grpc", "grpcio"),
    ("grpc_status", "grpcio-status"),
    ("grpc_tools", "grpcio-tools"),
    ("haystack", "haystack-ai"),
    ("imblearn", "imbalanced-learn"),
    ("import_export", "django-import-export"),
    ("jenkins", "python-jenkins"),
    ("jks", "pyjks"),
    ("jose", "python-jose"),
    ("jwt", "PyJWT"),
    ("kafka", "kafka-python"),
    ("keycloak", "python-keycloak"),
    ("ldap", "python-ldap"),
    ("magic", "python-magic"),
    ("markdown_it", "markdown-it-py"),
    ("memcache", "python-memcached"),
    ("mpl_toolkits", "matplotlib"),
    ("mptt", "django-mptt"),
    ("multipart", "python-multipart"),
    ("mysql.connector", "mysql-connector-python"),
    ("nacl", "PyNaCl"),
    ("nmap", "python-nmap"),
    ("objc", "pyobjc"),
    ("odf", "odfpy"),
    ("onelogin", "python3-saml"),
    ("opentelemetry.sdk", "opentelemetry-sdk"),
    ("opentelemetry.trace", "opentelemetry-api"),
    ("osgeo", "GDAL"),
    ("paho", "paho-mqtt"),
    ("pdfminer", "pdfminer.six"),
    ("pkg_resources", "setuptools"),
    ("playhouse", "peewee"),
    ("pptx", "python-pptx"),
    ("psycopg", "psycopg[binary]"),
    ("psycopg2", "psycopg2-binary"),
    ("pwn", "pwntools"),
    ("pylab", "matplotlib"),
    ("pysqlite3", "pysqlite3-binary"),
    ("pythoncom", "pywin32"),
    ("pythonjsonlogger", "python-json-logger"),
    ("pywintypes", "pywin32"),
    ("rapidjson", "python-rapidjson"),
    ("rest_framework", "djangorestframework"),
    ("rest_framework_simplejwt", "djangorestframework-simplejwt"),
    ("ruamel", "ruamel.yaml"),
    ("saml2", "pysaml2"),
    ("serial", "pyserial"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("skopt", "scikit-optimize"),
    ("sksurv", "scikit-survival"),
    ("slugify", "python-slugify"),
    ("snappy", "python-snappy"),
    ("snowflake.connector", "snowflake-connector-python"),
    ("socketio", "python-socketio"),
    ("socks", "PySocks"),
    ("speech_recognition", "SpeechRecognition"),
    ("stdnum", "python-stdnum"),
    ("storages", "django-storages"),
    ("surprise", "scikit-surprise"),
    ("tabula", "tabula-py"),
    ("talib", "TA-Lib"),
    ("telebot", "pyTelegramBotAPI"),
    ("telegram", "python-telegram-bot"),
    ("tlz", "toolz"),
    ("umap", "umap-learn"),
    ("usb", "pyusb"),
    ("vlc", "python-vlc"),
    ("websocket", "websocket-client"),
    ("whois", "python-whois"),
    ("win32api", "pywin32"),
    ("win32com", "pywin32"),
    ("win32con", "pywin32"),
    ("win32gui", "pywin32"),
    ("wx", "wxPython"),
    ("yaml", "PyYAML"),
    ("zmq", "pyzmq"),
    ("zope.interface", "zope.interface"),
];

/// What does the work of modules that Python has lost.
const INSTEAD: &[(&str, &str)] = &[
    ("asynchat", "asyncio does its work; the distribution `pyasynchat` brings it back"),
    ("asyncore", "asyncio does its work; the distribution `pyasyncore` brings it back"),
    ("binhex", "binascii does part of its work"),
    ("cgi", "email.message and urllib.parse do its work; the distribution `legacy-cgi` brings it back"),
    ("cgitb", "traceback does its work; the distribution `legacy-cgi` brings it back"),
    ("crypt", "hashlib, or the distributions `bcrypt` and `argon2-cffi`, do its work"),
    (
        "distutils",
        "sysconfig, shutil and the distribution `packaging` do its work; `setuptools` brings it back",
    ),
    ("imghdr", "the distribution `filetype` does its work"),
    ("imp", "importlib does its work"),
    ("lib2to3", "the distribution `libcst` does its work"),
    ("nntplib", "the distribution `standard-nntplib` brings it back"),
    ("parser", "ast does its work"),
    ("pipes", "subprocess and shlex do its work"),
    ("smtpd", "the distribution `aiosmtpd` does its work"),
    ("sndhdr", "the distribution `filetype` does its work"),
    ("symbol", "ast does its work"),
    ("telnetlib", "the distribution `telnetlib3` does its work"),
    ("uu", "base64 and binascii do its work"),
];

/// The distribution that brings a module, as far as that is not what it is called: asked for a dotted name, the
/// nearest that is known.
pub fn distribution(module: &str) -> Option<&'static str> {
    let mut name = module;
    loop {
        if let Ok(found) = NAMED_OTHERWISE.binary_search_by_key(&name, |(module, _)| module) {
            return Some(NAMED_OTHERWISE[found].1);
        }
        name = &name[..name.rfind('.')?];
    }
}

/// Whether a dotted name belongs to a module whose parts come from several distributions.
pub fn is_shared(module: &str) -> bool {
    const MORE: [&str; 5] = ["jaraco", "paste", "ruamel", "sphinxcontrib", "tencentcloud"];
    let root = module.split('.').next().unwrap_or_default();
    let shares = |name: &str| name.strip_prefix(root).is_some_and(|rest| rest.starts_with('.'));
    MORE.contains(&root) || NAMED_OTHERWISE.iter().any(|(name, _)| shares(name))
}

/// What does the work of a module that Python has lost.
pub fn instead(module: &str) -> Option<&'static str> {
    INSTEAD.iter().find(|(lost, _)| *lost == module).map(|(_, instead)| *instead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::normal_name;
    use crate::python::Versions;

    #[test]
    fn the_tables_are_in_order_and_say_what_a_name_does_not() {
        assert!(NAMED_OTHERWISE.is_sorted_by(|a, b| a.0 < b.0));
        for (module, name) in NAMED_OTHERWISE.iter().filter(|(module, _)| !module.contains('.')) {
            assert_ne!(normal_name(module), normal_name(name));
        }
        assert!(INSTEAD.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn the_nearest_known_name_decides() {
        for (module, name) in [
            ("yaml", Some("PyYAML")),
            ("sklearn.linear_model", Some("scikit-learn")),
            ("google.protobuf.message", Some("protobuf")),
            ("google.cloud.storage.blob", Some("google-cloud-storage")),
            ("google.cloud", None),
            ("requests", None),
        ] {
            assert_eq!(distribution(module), name, "{module}");
        }
    }

    #[test]
    fn some_modules_are_shared() {
        assert!(is_shared("google.cloud") && is_shared("zope.event") && is_shared("jaraco.text"));
        assert!(
            !is_shared("sklearn.externals") && !is_shared("googleapiclient.x") && !is_shared("os.nothing")
        );
    }

    #[test]
    fn what_python_has_lost_is_lost() {
        for (lost, _) in INSTEAD {
            let versions = Versions::of_module(lost).unwrap_or_else(|| panic!("{lost} is in all or in none"));
            assert!(!versions.contains((3, 14)), "{lost} is still there");
        }
    }
}
