export const settings = {
  captures:
    'newest (the default), or all: which captures are read of what is no post, such as lists and feeds',
  rows: 'how many rows of the index are asked for at a time, 5000 by default',
  pages: 'how many archived pages are read at a time, 10 by default',
};
