# CSV: one row for each file in a group; formulas are disarmed.
photo photos/a.jpg 1 --taken-at '2024:07:14 10:11:12'
photo 'photos/a, "small".jpg' 1 --size 80x60
photo photos/alone.jpg 2
(cd photos && vam-analyze -f csv .)
