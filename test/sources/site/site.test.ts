import { site } from '../../../src/sources/site/site.ts';
import { testSource } from '../../helpers/source-suite.ts';

testSource(site, 'fixtures/site');
