import { StartupError } from '../../src/errors.ts'
import { openLevelStore } from '../../src/store/level.ts'
import { levelOptions } from './level-options.ts'

// A process of its own that tries to open the store in the directory given, and says how that ended.
const [, , directory = ''] = process.argv
try {
  await (await openLevelStore(levelOptions(directory))).close()
  process.stdout.write('opened')
} catch (error) {
  if (!(error instanceof StartupError)) throw error
  process.stdout.write(`${error.code}: ${error.message}`)
}
