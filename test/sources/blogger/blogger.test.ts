import { blogger } from '../../../src/sources/blogger/blogger.ts';
import { testSource } from '../../helpers/source-suite.ts';

testSource(blogger, 'fixtures/blogger');
