import { expect, test } from 'vitest'

import { Dice } from './dice.ts'
import { SimulatedProcess } from './process.ts'
import { Scheduler } from './scheduler.ts'

test('a machine that is put to sleep once more while it sleeps is awake as soon as its process runs', () => {
  const scheduler = new Scheduler(new Dice(1))
  const process = new SimulatedProcess('p1', scheduler)
  process.sleep(60)
  scheduler.time = 20
  process.sleep(60)
  scheduler.time = 80
  expect(process).toMatchObject({ pausedUntil: 80, stood: 80, slept: 80, monotonic: 0 })
  scheduler.time = 90
  expect(process.monotonic).toBe(10)
})

test('a machine that sleeps while its process is paused anyway keeps it from running no longer than the pause', () => {
  const scheduler = new Scheduler(new Dice(1))
  const process = new SimulatedProcess('p1', scheduler)
  process.pause(100)
  process.sleep(60)
  scheduler.time = 100
  expect(process).toMatchObject({ pausedUntil: 100, stood: 100, slept: 60, monotonic: 40 })
})

test('a timer that was due while its process was paused is not put off by a sleep of the machine', async () => {
  const scheduler = new Scheduler(new Dice(1))
  const process = new SimulatedProcess('p1', scheduler)
  const rung: number[] = []
  scheduler.plan(10, process, () => rung.push(scheduler.time), true)
  process.pause(100)
  await scheduler.runUntil(20, 10)
  process.sleep(200)
  await scheduler.runUntil(1000, 10)
  expect(rung).toEqual([220])
})
