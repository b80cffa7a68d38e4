// Both a Web Worker and a service worker.
import { answerVisits } from './visit.ts'

answerVisits()
