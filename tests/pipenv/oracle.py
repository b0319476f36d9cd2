"""Answers questions with pipenv's own classes: a list of them as JSON on standard input, a list of answers on standard output."""

import contextlib
import io
import json
import os
import sys
import tempfile


def project_with(text, newline=""):
    from pipenv.project import Project

    folder = tempfile.mkdtemp()
    os.chdir(folder)
    if text is not None:
        with open("Pipfile", "w", encoding="utf-8", newline=newline) as file:
            file.write(text)
    return Project(chdir=False)


def read():
    with open("Pipfile", encoding="utf-8", newline="") as file:
        return file.read()


def hashes(question):
    project = project_with(question["text"])
    from pipenv.vendor import plette

    with open("Pipfile") as file:
        return [project.pipfile.calculate_hash(), plette.Pipfile.load(file).get_hash().value]


def edit(question):
    from pipenv.utils.dependencies import pep423_name

    project = project_with(question["text"])
    pipfile = project.pipfile
    for change in question["edits"]:
        kind = change["kind"]
        if kind == "put":
            pipfile.add_entry(change["name"], pep423_name(change["name"]), change["value"], category=change["category"])
        elif kind == "remove":
            pipfile.remove_package(change["name"], change["category"])
        elif kind == "clear":
            pipfile.reset_category(change["category"])
        elif kind == "add-source":
            from pipenv.vendor import tomlkit

            source = change["source"]
            parsed = pipfile.parsed
            item = tomlkit.item({"url": source["url"], "verify_ssl": source["verifySsl"], "name": source["name"]})
            if "source" not in parsed:
                parsed["source"] = [item]
            else:
                parsed["source"].append(item)
            pipfile.write_toml(parsed)
        elif kind == "set" and change["table"] == "pipenv":
            project.settings.update({change["key"]: change["value"]})
        else:
            raise ValueError(kind)
    return read()


def rewrite(question):
    """The file after being read and written, with nothing changed."""
    pipfile = project_with(question["text"]).pipfile
    pipfile.write_toml(pipfile.parsed)
    return read()


def make_place(path):
    if path.endswith(".whl"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w").close()
    else:
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, "pyproject.toml"), "w") as file:
            file.write('[project]\nname = "x"\nversion = "1"\n')


def requirements(question):
    """What each entry asks for."""
    from pipenv.utils.dependencies import install_req_from_pipfile

    os.environ.update(question["env"])
    pipfile = project_with(question["text"]).pipfile
    found = []
    for category in pipfile.get_package_categories():
        for key, value in pipfile.get_section(category).items():
            if "path" in value:
                make_place(value["path"])
            requirement, markers, _ = install_req_from_pipfile(key, value)
            found.append(
                {
                    "category": category,
                    "key": str(key),
                    "extras": sorted(requirement.extras),
                    "specifiers": str(requirement.req.specifier) if requirement.req and not requirement.link else "",
                    "marker": str(markers) if markers else None,
                    "link": requirement.link.url if requirement.link else None,
                    "editable": requirement.editable,
                }
            )
    return {"folder": os.getcwd(), "found": found}


def python(question):
    """Which of the Pythons fit [requires]."""
    from pipenv.utils.project import _python_version_matches_required

    return [_python_version_matches_required(actual, question["required"]) for actual in question["actual"]]


def new(question):
    project = project_with(None)
    project.default_source = question["sources"][0]
    data = {"source": question["sources"], "packages": {}, "dev-packages": {}}
    if question["requires"]:
        data["requires"] = question["requires"]
    project.pipfile.write_toml(data)
    return read()


def dotenv(question):
    from pipenv.vendor.dotenv.main import DotEnv
    from pipenv.vendor.dotenv.parser import parse_stream

    os.environ.clear()
    os.environ.update(question["env"])
    # newline=None: line ends become what they are in a file that is opened as text.
    found = DotEnv(None, stream=io.StringIO(question["text"], newline=None), override=question["override"])
    bindings = [[b.key, b.value, b.original.line, b.error] for b in parse_stream(io.StringIO(question["text"], newline=None)) if b.key is not None or b.error]
    # As set_as_environment_variables has it, but for the names at which that stops with an error.
    result = {**os.environ}
    for key, value in found.dict().items():
        if value is not None and "=" not in key and (question["override"] or key not in os.environ):
            result[key] = value
    return {"bindings": bindings, "env": result}


def expand(question):
    from pipenv.utils.shell import expand_url_credentials

    os.environ.clear()
    os.environ.update(question["env"])
    return expand_url_credentials(question["text"])


def script(question):
    from pipenv.cmdparse import Script
    from pipenv.vendor import tomlkit

    parsed = Script.parse(tomlkit.parse(question["text"])["scripts"][question["name"]])
    parsed.extend(question["arguments"])
    return [one.cmd_args for one in parsed._sequence] if parsed.is_sequence else [parsed.cmd_args]


answers = {"hashes": hashes, "edit": edit, "rewrite": rewrite, "requirements": requirements, "python": python, "new": new, "dotenv": dotenv, "expand": expand, "script": script}


def answer(question):
    environment = dict(os.environ)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return {"answer": answers[question["ask"]](question)}
    except BaseException as error:  # noqa: BLE001
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        os.environ.clear()
        os.environ.update(environment)


print(json.dumps([answer(question) for question in json.load(sys.stdin)]))
