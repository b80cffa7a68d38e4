import type { Ways } from './turns.ts'

/** What `npm run bench` measures in one run, and puts into one table. */
export interface Subject {
  /** The name by which the command line chooses it. */
  name: string
  title: string
  /** What the table says below its title. */
  about: string
  /** How often each way is asked: 11 at least where times are compared. */
  rounds: number
  /** The figures that the table shows, with their units; ratios are made of the first. */
  figures: Readonly<Record<string, string>>
  /** The way that the others are compared with. */
  base: string
  goal?: Goal
  open(): Promise<Opened>
}

/** What is to be reached: the ratio of a way's first figure, or a figure itself. */
export interface Goal {
  way: string
  figure?: string
  most: number
}

/** The ways of a subject; disposed of when all is measured. */
export interface Opened extends AsyncDisposable {
  ways: Ways
}
