import java.sql.DriverManager;

/** Connects as a BI tool on the JVM does: reads the catalogue of the bi schema and counts a view. */
public class Count {
    public static void main(String[] arguments) throws Exception {
        try (var connection = DriverManager.getConnection(arguments[0], arguments[1], arguments[2])) {
            int views = 0;
            try (var tables = connection.getMetaData().getTables(null, "bi", "%", new String[] {"VIEW"})) {
                while (tables.next()) {
                    views++;
                    if (tables.getString("REMARKS") == null) {
                        throw new IllegalStateException(tables.getString("TABLE_NAME") + " has no comment");
                    }
                }
            }
            try (var rows = connection.createStatement().executeQuery("select count(*) from bi.fact_capability_rating")) {
                rows.next();
                if (views < 16 || rows.getLong(1) == 0) {
                    throw new IllegalStateException(views + " views, " + rows.getLong(1) + " ratings");
                }
            }
            System.out.println("ok");
        }
    }
}
