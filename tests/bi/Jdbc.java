import java.sql.DriverManager;
import java.util.Properties;

/** The JDBC driver that Tableau, DBeaver and Metabase carry: reads a view's columns with their comments, then a query's rows. */
class Jdbc {
    public static void main(String[] arguments) throws Exception {
        var login = new Properties();
        login.setProperty("user", arguments[1]);
        login.setProperty("password", System.getenv("PGPASSWORD"));
        login.setProperty("defaultRowFetchSize", "10000");
        try (var connection = DriverManager.getConnection(arguments[0], login)) {
            try (var columns = connection.getMetaData().getColumns(null, "bi", arguments[2], null)) {
                while (columns.next()) {
                    System.out.println("column\t" + columns.getString("COLUMN_NAME") + "\t" + columns.getString("REMARKS"));
                }
            }
            try (var rows = connection.createStatement().executeQuery(arguments[3])) {
                while (rows.next()) {
                    System.out.println("row\t" + rows.getString(1) + "\t" + rows.getDouble(2));
                }
            }
        }
    }
}
