import { bluesky } from '../../../src/sources/bluesky/bluesky.ts';
import { testSource } from '../../helpers/source-suite.ts';

testSource(bluesky, 'fixtures/bluesky');
