export const settings = {
  limit:
    'how many posts are asked for at a time, from 2 to 500; 150 by default, and the server gives fewer of long ones',
} as const;
