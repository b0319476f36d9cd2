import { closest, PenError } from "#foundation";

/** Modules whose project has another name: people try the word that they import. */
const projectOfModule: Readonly<Record<string, string>> = {
  attr: "attrs",
  bs4: "beautifulsoup4",
  cairo: "pycairo",
  crypto: "pycryptodome",
  cv2: "opencv-python",
  dateutil: "python-dateutil",
  discord: "discord-py",
  docx: "python-docx",
  dotenv: "python-dotenv",
  fitz: "pymupdf",
  gi: "pygobject",
  git: "gitpython",
  jwt: "pyjwt",
  ldap: "python-ldap",
  magic: "python-magic",
  mysqldb: "mysqlclient",
  openssl: "pyopenssl",
  pil: "pillow",
  "pkg-resources": "setuptools",
  pptx: "python-pptx",
  serial: "pyserial",
  skimage: "scikit-image",
  sklearn: "scikit-learn",
  slugify: "python-slugify",
  telegram: "python-telegram-bot",
  usb: "pyusb",
  win32api: "pywin32",
  yaml: "pyyaml",
  zmq: "pyzmq",
};

/** Projects that many people install: their names are the likeliest to be meant. */
const wellKnown =
  "aiohttp alembic altair annotated-types anyio argon2-cffi asgiref asyncpg attrs authlib babel bcrypt beautifulsoup4 black bleach " +
  "bokeh boto3 botocore build cachetools celery certifi cffi charset-normalizer click colorama coverage cryptography cython dask " +
  "datasets django django-filter djangorestframework docker duckdb fastapi filelock flake8 flask flask-cors flask-login " +
  "flask-sqlalchemy fonttools fsspec gensim geopandas gevent gitpython google-api-core google-auth google-cloud-storage gradio " +
  "greenlet grpcio gunicorn h5py httpcore httpx huggingface-hub hypothesis idna importlib-metadata ipykernel ipython isort jinja2 " +
  "joblib jsonschema jupyter jupyterlab kafka-python keras keyring langchain lightgbm lxml mako markdown markupsafe marshmallow " +
  "matplotlib mkdocs mlflow moto msgpack multidict mypy mysqlclient nbconvert networkx nltk notebook nox numba numpy oauthlib " +
  "openai opencv-python openpyxl orjson packaging pandas paramiko passlib peewee pendulum pillow pip pipenv pip-tools pipx " +
  "platformdirs playwright plotly pluggy poetry polars pre-commit prometheus-client prompt-toolkit protobuf psutil psycopg psycopg2 " +
  "psycopg2-binary pyarrow pyasn1 pycparser pycryptodome pydantic pydantic-settings pyflakes pygame pygments pyjwt pylint pymongo " +
  "pymupdf pymysql pynacl pyodbc pyopenssl pyparsing pyqt5 pyqt6 pyserial pyside6 pytest pytest-asyncio pytest-cov pytest-django " +
  "pytest-mock pytest-xdist python-dateutil python-docx python-dotenv python-multipart pytz pywin32 pyyaml pyzmq redis regex " +
  "requests requests-oauthlib rich ruff s3fs scikit-image scikit-learn scipy scrapy seaborn selenium sentry-sdk setuptools shapely " +
  "simplejson six sniffio soupsieve spacy sphinx sqlalchemy sqlmodel starlette statsmodels streamlit sympy tabulate tenacity " +
  "tensorflow termcolor tiktoken tokenizers toml tomli torch torchaudio torchvision tornado tox tqdm traitlets transformers trio " +
  "twine typer types-requests typing-extensions tzdata ujson urllib3 uvicorn uvloop virtualenv watchdog watchfiles wcwidth " +
  "websocket-client websockets werkzeug wheel wrapt xgboost xlrd xlsxwriter yarl zipp";

/** Modules of the standard library that people look for on the index. */
const standardLibrary =
  "abc argparse array ast asyncio base64 bisect calendar collections configparser contextlib copy csv ctypes dataclasses datetime " +
  "decimal difflib email enum errno fractions functools gc getpass glob gzip hashlib heapq hmac html http importlib inspect io " +
  "ipaddress itertools json logging lzma math mimetypes multiprocessing operator os pathlib pickle platform pprint queue random re " +
  "sched secrets select shelve shlex shutil signal smtplib socket sqlite3 ssl stat statistics string struct subprocess sys tarfile " +
  "tempfile textwrap threading time timeit tkinter tomllib traceback types typing unicodedata unittest urllib uuid venv warnings " +
  "weakref xml zipfile zlib zoneinfo";

/** The error of a project that no index has, with what was probably meant where that can be told (`data.suggestion` is its name). */
export function withNameHint(error: PenError): PenError {
  const name = error.data["name"];
  const meant = typeof name === "string" ? meaningOf(name) : undefined;
  if (meant === undefined) return error;
  return new PenError(error.code, error.message, {
    ...(error.why === undefined ? {} : { why: error.why }),
    hint: meant.hint,
    data: { ...error.data, ...(meant.name === undefined ? {} : { suggestion: meant.name }) },
    cause: error.cause,
  });
}

function meaningOf(name: string): { readonly name: string | undefined; readonly hint: string } | undefined {
  if (standardLibrary.split(" ").includes(name))
    return { name: undefined, hint: `'${name}' is part of Python's standard library: there is nothing to install, import it as it is.` };
  const project = projectOfModule[name];
  if (project !== undefined) return { name: project, hint: `The project that brings the module '${name}' is called ${project}.` };
  const near = closest(name, wellKnown.split(" "));
  return near === undefined ? undefined : { name: near, hint: `Did you mean ${near}?` };
}
