/** Pipfiles as people have them, of every style. */
import { defaultIndexUrl } from "#index";

const pypi = `[[source]]
url = "${defaultIndexUrl}"
verify_ssl = true
name = "pypi"
`;

export const pipfiles: Readonly<Record<string, string>> = {
  "a new one": `${pypi}
[packages]

[dev-packages]

[requires]
python_version = "3.12"
`,
  "a small service": `${pypi}
[packages]
flask = "*"
gunicorn = "~=21.2"
python-dotenv = "*"

[dev-packages]
pytest = "*"
black = "==24.1.0"

[requires]
python_version = "3.11"

[scripts]
start = "gunicorn app:app --bind 0.0.0.0:8000"
test = "pytest -q"
`,
  "a web site": `[[source]]
name = "pypi"
url = "${defaultIndexUrl}"
verify_ssl = true

[packages]
django = ">=4.2,<5"
psycopg2-binary = "*"
celery = {extras = ["redis"], version = ">=5.3"}
django-environ = "*"
whitenoise = "*"
djangorestframework = "==3.14.*"
uwsgi = {version = "*", markers = "sys_platform != 'win32'"}

[dev-packages]
pytest-django = "*"
factory-boy = "*"
django-debug-toolbar = "*"
ipython = "*"

[requires]
python_version = "3.10"
python_full_version = "3.10.13"

[scripts]
server = "python manage.py runserver"
migrate = ["python manage.py makemigrations", "python manage.py migrate"]
shell = {call = "project.shell:open()"}

[pipenv]
allow_prereleases = false
sort_pipfile = false
`,
  "data science, with remarks": `# The team's notebook environment.
# Ask before you pin!

[[source]]
url = "${defaultIndexUrl}"
verify_ssl = true
name = "pypi"

# -- what the notebooks import -------------------------------------------
[packages]
# numbers
numpy = "*"          # keep free
pandas = ">=2.0"     # 2.0 for the new strings
scipy = "*"

# pictures
matplotlib = "*"
seaborn = "!=0.12.0" # broken there

# models
scikit-learn = "~=1.3"
# torch = "*"        # too large for the laptops

# -- what we write with ---------------------------------------------------
[dev-packages]
jupyterlab = "*"
nbstripout = "*"     # runs before a commit

[requires]
python_version = "3.11" # the cluster has this one
`,
  "single quotes": `[[source]]
name = 'pypi'
url = '${defaultIndexUrl}'
verify_ssl = true

[packages]
requests = '>=2.28'
"ruamel.yaml" = '*'
click = {version = '*', extras = ['colorama']}

[dev-packages]
mypy = '*'
`,
  "in columns": `[[source]]
name       = "pypi"
url        = "${defaultIndexUrl}"
verify_ssl = true

[packages]
aiohttp    = "*"
attrs      = ">=22"
yarl       = { version = "*" }
multidict  = { version = ">=6", extras = [ ] }

[dev-packages]
pytest         = "*"
pytest-asyncio = "*"
`,
  indented: `${pypi}
[packages]
  requests = "*"
  urllib3 = "<2"

[dev-packages]
	tox = "*"
	nox = "*"
`,
  "a private index": `[[source]]
name = "corp"
url = "https://\${CORP_USER}:\${CORP_PASSWORD}@packages.corp.example/simple"
verify_ssl = true

[[source]]
name = "pypi"
url = "${defaultIndexUrl}"
verify_ssl = true

[packages]
corp-auth = {version = "*", index = "corp"}
corp-log = {version = ">=1.2", index = "corp", extras = ["json"]}
requests = {version = "*", index = "pypi"}

[dev-packages]

[requires]
python_version = "3.9"

[pipenv]
install_search_all_sources = true
disable_pip_input = true
`,
  "from repositories": `${pypi}
[packages]
requests = {git = "https://git.example/psf/requests.git", ref = "v2.31.0"}
tool = {git = "ssh://git@git.example/team/tool.git", ref = "main", editable = true}
part = {git = "https://git.example/team/mono.git", ref = "0123456789abcdef0123456789abcdef01234567", subdirectory = "libs/part"}
secret = {git = "https://\${TOKEN}@git.example/team/secret.git"}
old = {hg = "https://hg.example/old", ref = "tip"}

[dev-packages]
`,
  "a library of one's own": `${pypi}
[packages]
mylib = {path = ".", editable = true, extras = ["cli"]}

[dev-packages]
pytest = "*"
pytest-cov = "*"
build = "*"
twine = "*"
`,
  "several folders": `${pypi}
[packages]
api = {path = "./services/api", editable = true}
common = {path = "libs/common"}
vendored = {file = "https://files.example/vendored-1.0.zip"}
wheel-of-ours = {path = "./wheels/wheel_of_ours-1.0-py3-none-any.whl"}

[dev-packages]
testing = {path = "./libs/testing", editable = true}
`,
  "tables of their own": `${pypi}
[packages]
requests = "*"

[packages.celery]
version = ">=5"
extras = ["redis", "msgpack"]

[packages.tool]
git = "https://git.example/tool.git"
ref = "v1"

[dev-packages]
pytest = "*"

[dev-packages.sphinx]
version = "*"
markers = "python_version >= '3.9'"
`,
  "more categories": `${pypi}
[packages]
fastapi = "*"
uvicorn = {extras = ["standard"], version = "*"}

[dev-packages]
ruff = "*"

[tests]
pytest = "*"
httpx = "*"

[docs]
mkdocs = "*"
mkdocs-material = "~=9.5"

["load tests"]
locust = "*"
`,
  "the other way round": `[requires]
python_version = "3.8"

[pipenv]
allow_prereleases = true

[dev-packages]
flake8 = "*"

[packages]
requests = "*"

[[source]]
url = "${defaultIndexUrl}"
verify_ssl = true
name = "pypi"
`,
  "no source": `[packages]
requests = "*"

[dev-packages]
`,
  "only packages": `[packages]
requests = "*"
`,
  "blank lines": `

${pypi}


[packages]


requests = "*"


flask = "*"



[dev-packages]


`,
  "no blank lines": `[[source]]
url = "${defaultIndexUrl}"
verify_ssl = true
name = "pypi"
[packages]
requests = "*"
flask = "*"
[dev-packages]
pytest = "*"
[requires]
python_version = "3.11"
`,
  "spaces at ends of lines": `${pypi}
[packages]  
requests = "*"  
flask = "*"	
   
[dev-packages]
`,
  "no newline at the end": `${pypi}
[packages]
requests = "*"

[dev-packages]
pytest = "*"`,
  "for every system": `${pypi}
[packages]
pywin32 = {version = "*", markers = "sys_platform == 'win32'"}
uvloop = {version = "*", markers = "platform_system != 'Windows' and implementation_name == 'cpython'"}
importlib-metadata = {version = "*", markers = "python_version < '3.10'"}
typing-extensions = {version = ">=4", python_version = "< '3.11'"}
tomli = {version = "*", markers = "python_full_version < '3.11.0a7'"}

[dev-packages]
colorama = {version = "*", markers = 'os_name == "nt"'}
`,
  "special wishes": `${pypi}
[packages]
lxml = {version = "*", no_binary = true}
pinned = {version = "==1.0", hashes = ["sha256:${"0123456789abcdef".repeat(4)}"]}
left-alone = {version = "==2.0", skip_resolver = true}
fast = {version = "*", pip_args = ["--config-settings", "simd=on"]}

[dev-packages]
`,
  versions: `${pypi}
[packages]
bare = "2.23.0"
exact = "==1.0"
wild = "==1.*"
range = ">=1.2, <2.0, !=1.5"
compatible = "~=1.4.2"
free = "*"
nothing = ""
pre = ">=1.0rc1"
local = "==1.0+cu118"
epoch = ">=1!2.0"
table = {version = "3.4"}
star = {version = "*"}

[dev-packages]
`,
  spellings: `${pypi}
[packages]
Django = "*"
Flask-SQLAlchemy = "*"
zope_interface = "*"
"backports.zoneinfo" = "*"
PyYAML = ">=6"
a = "*"
3to2 = "*"

[dev-packages]
Sphinx = "*"
`,
  "remarks of the world": `# Abhängigkeiten – 依赖 – зависимости 🐍
${pypi}
[packages]
requests = "*" # größer als nötig
# 保持更新
flask = "*"

[dev-packages]
`,
  "many scripts": `${pypi}
[packages]
click = "*"

[dev-packages]
pytest = "*"

[scripts]
test = "pytest"
"test:fast" = "pytest -x -q"
lint = ["ruff check .", "ruff format --check ."]
serve = "bash -c 'cd web && npm start'"
env = "FOO=bar python -c \\"print('hi')\\""
long = """
python -m module
  --option value
"""
call = {call = "package.tasks:run('a', debug=True)"}
`,
  "dotted keys": `${pypi}
[packages]
requests.version = "*"
requests.extras = ["socks"]
flask = "*"
tool.git = "https://git.example/tool.git"

[dev-packages]
`,
  "lists over lines": `${pypi}
[packages]
apache-airflow = {version = "==2.7.*", extras = [
  "celery", # the workers
  "postgres",
]}
requests = "*"

[dev-packages]

[scripts]
all = [
  "ruff check",
  "pytest",
]
`,
  sorted: `${pypi}
[packages]
attrs = "*"
click = "*"
requests = "*"

[dev-packages]
black = "*"
pytest = "*"

[pipenv]
sort_pipfile = true
`,
  "a build system": `${pypi}
[build-system]
requires = ["setuptools>=61", "wheel"]

[packages]
numpy = "*"

[dev-packages]
`,
  settings: `${pypi}
[packages]
requests = "*"

[dev-packages]

[requires]
python_version = ">=3.9,<4"

[pipenv]
allow_prereleases = true
use_default_constraints = false
venv_in_project = true
use_pylock = true
pylock_name = "pylock.app.toml"
resolver_timeout_seconds = 300
prefetch_index_manifests = true
package_name_case = "canonical"
cool-down-period = "14d"
`,
};
