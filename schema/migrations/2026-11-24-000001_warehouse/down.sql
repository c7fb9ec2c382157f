drop schema if exists access cascade;
drop schema if exists bi cascade;
drop schema if exists meta cascade;
drop schema if exists warehouse cascade;
