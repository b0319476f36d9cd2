/** Names of folders and prompts that some shell would take for more than a name, by what is special in them. */
export const hostileNames: Readonly<Record<string, string>> = {
  plain: "plain",
  space: "a b",
  "single quote": "a'b",
  "double quote": 'a"b',
  dollar: "a$HOME",
  substitution: "a$(touch pwned)b",
  backtick: "a`touch pwned`b",
  exclamation: "a!b!!",
  backslash: "a\\b\\$(touch pwned)",
  semicolon: "a;touch pwned;b",
  hash: "#a#b",
  parenthesis: "a(b",
  percent: "a%nb%(!.x.y)%{%$(touch pwned)%}",
  accent: "é☃",
  newline: "a\nb",
  tilde: "~",
  dash: "-n",
  "quotes at the ends": "'a'",
  arithmetic: "$((1+1))${x=pwned}",
  star: "*?[a-z]",
  "assignment of a home": "a=~",
  caret: "^a^b\\",
};

/** A name as a prompt shows it: a prompt is one line. */
export const shownName = (name: string): string => name.replace(/\n/g, "?");
