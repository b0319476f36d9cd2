import type { Command, CommandEntry, CommandGroup } from "./command.ts";

const entry = (summary: string, load: () => Promise<{ command: Command }>): CommandEntry => ({
  summary,
  load: async () => (await load()).command,
});

const pip: CommandGroup = {
  summary: "Install and look at packages, with pip's words",
  commands: {
    install: entry("Install packages into the environment", () => import("./commands/pip-install.ts")),
    uninstall: entry("Remove packages", () => import("./commands/pip-uninstall.ts")),
    list: entry("List what is installed", () => import("./commands/pip-list.ts")),
    freeze: entry("List what is installed as requirements", () => import("./commands/pip-freeze.ts")),
    show: entry("Show what is known of installed packages", () => import("./commands/pip-show.ts")),
    check: entry("Check that installed packages fit together", () => import("./commands/pip-check.ts")),
    inspect: entry("Everything about the environment, as JSON", () => import("./commands/pip-inspect.ts")),
    hash: entry("Hashes of files, for requirements", () => import("./commands/pip-hash.ts")),
    tree: entry("Draw who needs what", () => import("./commands/pip-tree.ts")),
    compile: entry("Solve requirements and pin the answer", () => import("./commands/pip-compile.ts")),
    sync: entry("Make the environment exactly what pinned requirements say", () => import("./commands/pip-sync.ts")),
  },
};

const python: CommandGroup = {
  summary: "Find Pythons on this machine",
  commands: {
    list: entry("List the Pythons of this machine", () => import("./commands/python-list.ts")),
    find: entry("Find the Python that a request means", () => import("./commands/python-find.ts")),
  },
};

const cache: CommandGroup = {
  summary: "Look at and tidy pen's store",
  commands: {
    dir: entry("Show where the store is", () => import("./commands/cache-dir.ts")),
    size: entry("Show how much the store holds", () => import("./commands/cache-size.ts")),
    verify: entry("Prove every stored file by its hash", () => import("./commands/cache-verify.ts")),
    prune: entry("Remove leftovers and what is damaged", () => import("./commands/cache-prune.ts")),
    clean: entry("Remove everything from the store", () => import("./commands/cache-clean.ts")),
  },
};

const env: CommandGroup = {
  summary: "Look after the environments of this machine",
  commands: {
    list: entry("List the environments of this machine", () => import("./commands/env-list.ts")),
    doctor: entry("Find what is wrong with an environment", () => import("./commands/env-doctor.ts")),
    repair: entry("Mend an environment, or say why it cannot be mended", () => import("./commands/env-repair.ts")),
    remove: entry("Delete environments", () => import("./commands/env-remove.ts")),
    prune: entry("Delete environments that nobody uses", () => import("./commands/env-prune.ts")),
  },
};

/** All commands of pen. A module is loaded only when its command is used. */
export const root: CommandGroup = {
  summary: "Python environments: find Pythons, make environments, install packages, and explain what happened",
  commands: {
    venv: entry("Make a virtual environment", () => import("./commands/venv.ts")),
    pip,
    run: entry("Run a command inside the environment", () => import("./commands/run.ts")),
    explain: entry("Show what an environment is, with your own paths", () => import("./commands/explain.ts")),
    env,
    activate: entry("Print the line that activates an environment", () => import("./commands/activate.ts")),
    shell: entry("Start your shell with the environment active", () => import("./commands/shell.ts")),
    hook: entry("Let your shell activate environments by itself", () => import("./commands/hook.ts")),
    python,
    cache,
    completion: entry("Print the completion script for your shell", () => import("./commands/completion.ts")),
  },
};
