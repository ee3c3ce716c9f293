import { wordpress } from '../../../src/sources/wordpress/wordpress.ts';
import { testSource } from '../../helpers/source-suite.ts';

testSource(wordpress, 'fixtures/wordpress-wxr');
