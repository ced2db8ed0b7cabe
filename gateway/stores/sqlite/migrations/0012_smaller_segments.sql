-- Segments of 8,192 records, not 65,536: fewer pages are written for each batch. Which of them a reader must look into is
-- kept in memory (key_places.py), so their number costs nothing. All records are filed anew when the store is opened.
DELETE FROM view_index;
DELETE FROM view_version;
