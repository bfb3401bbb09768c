import process from 'node:process'
import { runCommand } from './run-command.ts'

const { stdout, stderr, status } = await runCommand(process.argv.slice(2), process.env)
process.stderr.write(stderr)
process.stdout.write(stdout)
process.exitCode = status
