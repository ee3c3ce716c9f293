import { ghost } from '../../../src/sources/ghost/ghost.ts';
import { testSource } from '../../helpers/source-suite.ts';

testSource(ghost, 'fixtures/ghost');
