import type { Command, CommandGroup, SingleEntry } from "./command.ts";

const entry = (summary: string, load: () => Promise<{ command: Command }>): SingleEntry => ({
  summary,
  load: async () => (await load()).command,
});

/** A group whose table is made when somebody looks into it: most commands are in no group, or in one. */
function group(summary: string, make: () => CommandGroup["commands"], own?: SingleEntry): CommandGroup {
  let made: CommandGroup["commands"] | undefined;
  return {
    summary,
    ...(own === undefined ? {} : { own }),
    get commands() {
      return (made ??= make());
    },
  };
}

const pip: CommandGroup = group("Install and look at packages, with pip's words", () => ({
  install: entry("Install packages into the environment", () => import("./commands/pip-install.ts")),
  uninstall: entry("Remove packages", () => import("./commands/pip-uninstall.ts")),
  list: entry("List what is installed", () => import("./commands/pip-list.ts")),
  freeze: entry("List what is installed as requirements", () => import("./commands/pip-freeze.ts")),
  show: entry("Show what is known of installed packages", () => import("./commands/pip-show.ts")),
  check: entry("Check that installed packages fit together", () => import("./commands/pip-check.ts")),
  inspect: entry("Everything about the environment, as JSON", () => import("./commands/pip-inspect.ts")),
  tree: entry("Draw who needs what", () => import("./commands/pip-tree.ts")),
  compile: entry("Solve requirements and pin the answer", () => import("./commands/pip-compile.ts")),
  sync: entry("Make the environment exactly what pinned requirements say", () => import("./commands/pip-sync.ts")),
  lock: entry("Solve requirements and write a pylock.toml", () => import("./commands/pip-lock.ts")),
  download: entry("Download packages without installing them", () => import("./commands/pip-download.ts")),
  wheel: entry("Collect wheels of packages and of what they need", () => import("./commands/pip-wheel.ts")),
  hash: entry("Hashes of files, for requirements", () => import("./commands/pip-hash.ts")),
  index: entry("Show which versions of a package an index has", () => import("./commands/pip-index.ts")),
  cache: entry("Look at and tidy the cache, with pip's words", () => import("./commands/pip-cache.ts")),
  config: entry("Look at and change pip's configuration", () => import("./commands/pip-config.ts")),
  debug: entry("Show what pen knows of its Python, for reports", () => import("./commands/pip-debug.ts")),
  completion: entry("Print the completion script for a shell", () => import("./commands/pip-completion.ts")),
  search: entry("Refused: no index answers searches any more", () => import("./commands/pip-search.ts")),
}));

const python: CommandGroup = group("Find Pythons on this machine", () => ({
  list: entry("List the Pythons of this machine", () => import("./commands/python-list.ts")),
  find: entry("Find the Python that a request means", () => import("./commands/python-find.ts")),
}));

const cache: CommandGroup = group("Look at and tidy pen's store", () => ({
  dir: entry("Show where the store is", () => import("./commands/cache-dir.ts")),
  size: entry("Show how much the store holds", () => import("./commands/cache-size.ts")),
  verify: entry("Prove every stored file by its hash", () => import("./commands/cache-verify.ts")),
  prune: entry("Remove leftovers and what is damaged", () => import("./commands/cache-prune.ts")),
  clean: entry("Remove everything from the store", () => import("./commands/cache-clean.ts")),
}));

const env: CommandGroup = group("Look after the environments of this machine", () => ({
  list: entry("List the environments of this machine", () => import("./commands/env-list.ts")),
  doctor: entry("Find what is wrong with an environment", () => import("./commands/env-doctor.ts")),
  repair: entry("Mend an environment, or say why it cannot be mended", () => import("./commands/env-repair.ts")),
  create: entry("Make an environment that is kept by its name", () => import("./commands/env-create.ts")),
  use: entry("Let the project here use an environment that stands elsewhere", () => import("./commands/env-use.ts")),
  clone: entry("Copy an environment to another place", () => import("./commands/env-clone.ts")),
  move: entry("Move or rename an environment", () => import("./commands/env-move.ts")),
  set: entry("Change a setting of an environment", () => import("./commands/env-set.ts")),
  export: entry("Write what is in an environment as a lock", () => import("./commands/env-export.ts")),
  import: entry("Make an environment from a lock", () => import("./commands/env-import.ts")),
  bundle: entry("Pack an environment up with its whole Python", () => import("./commands/env-bundle.ts")),
  remove: entry("Delete environments", () => import("./commands/env-remove.ts")),
  prune: entry("Delete environments that nobody uses", () => import("./commands/env-prune.ts")),
}));

const guard: CommandGroup = group("Let pip refuse to install outside an environment", () => ({
  on: entry("Let pip refuse to install outside an environment", () => import("./commands/guard-on.ts")),
  status: entry("Show which Pythons refuse `pip install` outside an environment, and by what", () => import("./commands/guard-status.ts")),
  off: entry("Take back what `pen guard on` did", () => import("./commands/guard-off.ts")),
}));

const pipenv: CommandGroup = group(
  "Projects with a Pipfile, with pipenv's words",
  () => ({
    install: entry("Add packages and install them, or install the lock", () => import("./commands/pipenv-install.ts")),
    uninstall: entry("Take packages out of the project", () => import("./commands/pipenv-uninstall.ts")),
    lock: entry("Solve the Pipfile and write Pipfile.lock", () => import("./commands/pipenv-lock.ts")),
    sync: entry("Install what Pipfile.lock names", () => import("./commands/pipenv-sync.ts")),
    update: entry("Move packages to newer versions, and install them", () => import("./commands/pipenv-update.ts")),
    upgrade: entry("Move packages to newer versions in the lock", () => import("./commands/pipenv-upgrade.ts")),
    run: entry("Run a script or a command in the environment", () => import("./commands/pipenv-run.ts")),
    shell: entry("Start your shell with the environment active", () => import("./commands/pipenv-shell.ts")),
    activate: entry("Print the line that activates the environment", () => import("./commands/pipenv-activate.ts")),
    graph: entry("Draw who needs what", () => import("./commands/pipenv-graph.ts")),
    clean: entry("Remove what the lock does not name", () => import("./commands/pipenv-clean.ts")),
    audit: entry("Find packages of the project with known vulnerabilities", () => import("./commands/pipenv-audit.ts")),
    check: entry("Check the project's Python and look for known vulnerabilities", () => import("./commands/pipenv-check.ts")),
    verify: entry("Tell whether the lock is that of the Pipfile", () => import("./commands/pipenv-verify.ts")),
    requirements: entry("Print the lock as a requirements file", () => import("./commands/pipenv-requirements.ts")),
    scripts: entry("List the scripts of the Pipfile", () => import("./commands/pipenv-scripts.ts")),
    pylock: entry("Write the lock as pylock.toml, or check one", () => import("./commands/pipenv-pylock.ts")),
    open: entry("Open an installed module in your editor", () => import("./commands/pipenv-open.ts")),
    remove: entry("Delete the environment", () => import("./commands/pipenv-remove.ts")),
  }),
  entry("Projects with a Pipfile, with pipenv's words", () => import("./commands/pipenv-root.ts")),
);

/** All commands of pen. A module is loaded only when its command is used. */
export const root: CommandGroup = {
  summary: "Python environments: find Pythons, make environments, install packages, and explain what happened",
  commands: {
    venv: entry("Make a virtual environment", () => import("./commands/venv.ts")),
    virtualenv: entry("Make a virtual environment, with virtualenv's words", () => import("./commands/virtualenv.ts")),
    pip,
    pipenv,
    init: entry("Begin a project here: a Pipfile, and its environment", () => import("./commands/init.ts")),
    add: entry("Add packages to the project", () => import("./commands/add.ts")),
    remove: entry("Take packages out of the project", () => import("./commands/remove.ts")),
    lock: entry("Lock the project: solve its Pipfile and write Pipfile.lock", () => import("./commands/lock.ts")),
    sync: entry("Make the project's environment hold what its lock names", () => import("./commands/sync.ts")),
    scripts: entry("List the scripts of the project's Pipfile", () => import("./commands/scripts.ts")),
    tree: entry("Draw who needs what", () => import("./commands/tree.ts")),
    audit: entry("Find packages with known vulnerabilities", () => import("./commands/audit.ts")),
    outdated: entry("List packages that have newer versions, with what holds each one back", () => import("./commands/outdated.ts")),
    why: entry("Show why a package is here: who needs it, from your own words down", () => import("./commands/why.ts")),
    migrate: entry("Make a Pipfile of another tool's project, or a pyproject.toml of a Pipfile", () => import("./commands/migrate.ts")),
    run: entry("Run a command inside the environment", () => import("./commands/run.ts")),
    explain: entry("Show what an environment is, with your own paths", () => import("./commands/explain.ts")),
    env,
    activate: entry("Print the line that activates an environment", () => import("./commands/activate.ts")),
    shell: entry("Start your shell with the environment active", () => import("./commands/shell.ts")),
    hook: entry("Let your shell activate environments by itself", () => import("./commands/hook.ts")),
    guard,
    python,
    cache,
    completion: entry("Print the completion script for your shell", () => import("./commands/completion.ts")),
  },
};
