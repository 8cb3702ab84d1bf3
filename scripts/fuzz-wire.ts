/**
 * Sends malformed messages to the native protocol's listeners and readers (`npm run fuzz:wire -- --messages 1000000
 * --seed 1 --seconds-max 120`). Exit code 1 with each finding, and the seed that repeats it; 2 for a wrong flag.
 */
import { parseArgs } from 'node:util'
import { fuzzWire } from '../test/support/wire-fuzz/fuzz.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    'seconds-max': { type: 'string', default: '600' },
  },
})
const [messages, seed, secondsMax] = [values.messages, values.seed, values['seconds-max']].map(Number)
for (const [flag, value] of Object.entries({ messages, seed, 'seconds-max': secondsMax })) {
  if (Number.isSafeInteger(value) && (value as number) >= 0) continue
  console.error(`--${flag} is "${values[flag as keyof typeof values]}"; expected a whole number`)
  process.exit(2)
}
const startMs = performance.now()
let shownMs = startMs
const result = await fuzzWire({
  messages: messages as number,
  seed: seed as number,
  isOver: () => performance.now() - startMs > (secondsMax as number) * 1000,
  progress: (sent, kinds) => {
    if (performance.now() - shownMs < 2000) return
    shownMs = performance.now()
    process.stderr.write(`${sent.toLocaleString('en')} messages, ${kinds} kinds of answer\n`)
  },
})
const seconds = (performance.now() - startMs) / 1000
console.log(
  `${result.messages.toLocaleString('en')} malformed messages in ${seconds.toFixed(1)} s, seed ${seed}: ` +
    `${result.kinds.size} kinds of answer, ${result.corpus} messages to start from, the slowest took ` +
    `${result.longestMs.toFixed(1)} ms, memory grew by ${(result.grownBytes / 2 ** 20).toFixed(1)} MiB`,
)
if (result.messages < (messages as number)) console.log('stopped by --seconds-max')
for (const finding of result.findings) console.error(`FINDING ${finding}`)
process.exitCode = result.findings.length === 0 ? 0 : 1
