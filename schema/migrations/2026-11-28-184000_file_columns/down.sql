drop table meta.file_column;
