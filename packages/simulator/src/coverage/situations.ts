/** One thing that tells situations apart: its value is said in one of a few words, an empty one where it is nothing to speak of. */
export type Aspect = readonly string[];

/** More than there are situations of a member. */
const radix = 4096;

/**
 * The situations that members of a run were in, with everything left out that only says who, when and how much. Of members each by itself
 * there are about a hundred, which a hundred seeds show; of two at one time some thousands, which go on being met for long. What is new in
 * the last of many seeds says how much there is that they have not shown.
 */
export class Situations {
  /** As numbers: of one member, and of two at one time. */
  readonly met = new Set<number>();
  #last: readonly number[] = [];

  /** Takes down what members are in at one time. */
  see(situations: readonly number[]): void {
    // Mostly they are in what they were in before, and that is taken down.
    if (isSame(situations, this.#last)) return;
    this.#last = situations;
    const codes = [...situations].sort((a, b) => a - b);
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i] ?? 0;
      if (code === codes[i - 1]) continue;
      this.met.add(code);
      for (let j = i + 1; j < codes.length; j++) this.met.add((code + 1) * radix + (codes[j] ?? 0));
    }
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((code, at) => code === b[at]);
}

/** Whether it is one of two members, and not of one. */
export function isOfTwo(situation: number): boolean {
  return situation >= radix;
}

/** The situations that a member can be in at all, as a simulation tells them apart. */
export class SituationSpace {
  constructor(
    readonly aspects: readonly Aspect[],
    /** Whether a member that does what it should can be in one, given as its words. */
    readonly isPossible: (words: readonly string[]) => boolean,
  ) {}

  /** @param values of each aspect, the place of its word */
  codeOf(values: readonly number[]): number {
    let code = 0;
    for (let at = 0; at < this.aspects.length; at++) code = code * (this.aspects[at]?.length ?? 0) + (values[at] ?? 0);
    return code;
  }

  wordsOf(situation: number): string[] {
    let rest = situation;
    const words: string[] = [];
    for (const aspect of [...this.aspects].reverse()) {
      words.unshift(aspect[rest % aspect.length] ?? '');
      rest = Math.floor(rest / aspect.length);
    }
    return words;
  }

  /** As numbers. */
  possible(): number[] {
    const all = this.aspects.reduce((product, { length }) => product * length, 1);
    return Array.from({ length: all }, (_, situation) => situation).filter((one) => this.isPossible(this.wordsOf(one)));
  }
}
