// The script of the Web Worker and of the service worker.
import { answerVisits } from './visit.ts'

answerVisits()
