export const settings = {
  robots:
    "false: the site's robots.txt is not asked for, which is for whoever owns the site; true by default",
  sitemaps: 'false: the site is crawled from link to link although it has a sitemap; true by default',
  delay: 'the longest wait between two pages that a robots.txt may ask for, in seconds, 10 by default',
  asIs: 'true: pages that look like a login, a test for robots or a domain for sale, or that lie at another host, are archived as they are; false by default',
  pages: 'how many pages are read at a time, 4 by default',
};
