/** The contract of a source, for the tests of whoever writes one: see `sourceChecks`. */
export type { Case, Expected, ServedAnswer } from './case.ts';
export {
  type CaseChecks,
  type Check,
  contractChecks,
  openFiles,
  type SuiteOptions,
  sourceChecks,
  writeExpected,
} from './checks.ts';
export { contextOf, pagesOf, postsOf, type TestContext, testContext } from './context.ts';
