import { medium } from '../../../src/sources/medium/medium.ts';
import { testSource } from '../../helpers/source-suite.ts';

testSource(medium, 'fixtures/medium');
