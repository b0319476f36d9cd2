import { PenError, excerpt, isPenError } from "#foundation";

type Table = Readonly<Record<string, unknown>>;

/** A value of a lock file with the place where it stands, for errors: `packages[3].wheels[0].hashes`. */
export class Place {
  readonly value: unknown;
  readonly path: string;
  /** The name of the file, for errors. */
  readonly file: string;
  /** What to type when it is broken. */
  readonly remedy: string;

  constructor(value: unknown, path: string, file: string, remedy: string = "Make it anew with `pen pip compile --format pylock.toml`.") {
    this.value = value;
    this.path = path;
    this.file = file;
    this.remedy = remedy;
  }

  fail(why: string): never {
    throw new PenError("INVALID_LOCK", `${this.file} is not a valid lock`, {
      why: `${this.path === "" ? "" : `${this.path}: `}${why}`,
      hint: this.remedy,
      data: { place: this.path },
    });
  }

  /** The entry of a table; undefined when it is not there. */
  get(key: string): Place | undefined {
    const table = this.table();
    if (!Object.hasOwn(table, key)) return undefined;
    return new Place(table[key], this.path === "" ? key : `${this.path}.${key}`, this.file, this.remedy);
  }

  need(key: string): Place {
    return this.get(key) ?? this.fail(`'${key}' is missing.`);
  }

  table(): Table {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value) || this.value instanceof Date)
      this.fail("It must be a table.");
    return this.value as Table;
  }

  items(): Place[] {
    if (!Array.isArray(this.value)) this.fail("It must be an array.");
    return this.value.map((item: unknown, at) => new Place(item, `${this.path}[${at}]`, this.file, this.remedy));
  }

  text(): string {
    if (typeof this.value !== "string") this.fail("It must be text.");
    if (/[\u0000-\u001f\u007f]/.test(this.value)) this.fail("It holds a control character.");
    return this.value;
  }

  flag(): boolean {
    return typeof this.value === "boolean" ? this.value : this.fail("It must be true or false.");
  }

  /** A whole number that is not negative. */
  size(): number {
    if (typeof this.value !== "number" || !Number.isSafeInteger(this.value) || this.value < 0)
      this.fail("It must be a whole number, not below 0.");
    return this.value;
  }

  /** Milliseconds since 1970 of a date-time with an offset. */
  time(): number {
    const { value } = this;
    const local = value instanceof Date && "isLocal" in value && typeof value.isLocal === "function" && value.isLocal() === true;
    if (!(value instanceof Date) || local || Number.isNaN(value.getTime())) this.fail("It must be a date and time with an offset.");
    return value.getTime();
  }

  /** Reads the text with a parser of the standards; its error becomes one about this place. */
  parse<T>(parser: (text: string) => T): T {
    const text = this.text();
    try {
      return parser(text);
    } catch (error) {
      if (!isPenError(error)) throw error;
      return this.fail(`${error.message}${error.why === undefined ? "" : `. ${error.why}`}`);
    }
  }

  quoted(): string {
    return excerpt(String(this.value));
  }
}
