import { feed } from '../../../src/sources/feed/feed.ts';
import { testSource } from '../../helpers/source-suite.ts';

testSource(feed, 'fixtures/feed');
