<?php
/* A shop of WordPress and WooCommerce, installed and filled by their own functions.
 *
 * install: WordPress, with the plugin for its next start. fill: accounts with addresses, reviews, saved carts, sessions,
 * tokens and downloads, and orders with notes. export: what WordPress' own exporters find by each address.
 */
[, $what, $given_at, $answer_at] = $argv;
$given = json_decode(file_get_contents($given_at), true);
foreach (['NAME', 'HOST', 'USER'] as $key) define("DB_$key", $given['database'][$key] ?? 'root');
foreach (['DB_PASSWORD' => '', 'DB_CHARSET' => 'utf8mb4', 'DB_COLLATE' => '', 'ABSPATH' => '/usr/share/wordpress/',
    'WP_CONTENT_DIR' => "{$given['folder']}/wp-content", 'WP_HTTP_BLOCK_EXTERNAL' => true, 'DISABLE_WP_CRON' => true,
    'WP_HOME' => 'http://shop.example.com', 'WP_SITEURL' => 'http://shop.example.com', 'WP_ADMIN' => true, 'WP_DEBUG' => (bool) getenv('WPD'), 'WP_DISABLE_FATAL_ERROR_HANDLER' => true] as $key => $value) define($key, $value);
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $key) define($key, 'unused');
$_SERVER += ['HTTP_HOST' => 'shop.example.com', 'REQUEST_URI' => '/', 'REMOTE_ADDR' => '192.0.2.7', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
$_SERVER['REQUEST_METHOD'] = 'GET';
$table_prefix = 'wp_';
ini_set('memory_limit', '1G');
if ($what === 'install') define('WP_INSTALLING', true);
require ABSPATH . 'wp-settings.php';
require_once ABSPATH . 'wp-admin/includes/admin.php';
add_filter('pre_wp_mail', '__return_true');
add_filter('pre_http_request', fn() => new WP_Error('none', 'no network'));
if ($what === 'install') {
    require_once ABSPATH . 'wp-admin/includes/upgrade.php';
    wp_install('Shop', 'boss', 'shop@care.example.com', false, '', 'unused');
    update_option('woocommerce_custom_orders_table_enabled', $given['posts'] ? 'no' : 'yes');
    update_option('active_plugins', ['woocommerce/woocommerce.php']);
    file_put_contents($answer_at, '[]');
    exit(0);
}
if ($what === 'export') {
    $found = [];
    foreach ($given['people'] as $person) {
        foreach ($person['emails'] as $email) {
            foreach (apply_filters('wp_privacy_personal_data_exporters', []) as $name => $exporter) {
                for ($page = 1, $done = false; !$done; $page++) {
                    ['data' => $data, 'done' => $done] = call_user_func($exporter['callback'], $email, $page);
                    foreach ($data as $item) $found[$person['number']][] = [$name, $item['item_id'], $item['data']];
                }
            }
        }
    }
    file_put_contents($answer_at, json_encode($found));
    exit(0);
}
WC_Install::install();
foreach (['new_order', 'customer_processing_order', 'customer_completed_order', 'customer_note', 'customer_new_account'] as $mail) {
    update_option("woocommerce_{$mail}_settings", ['enabled' => 'no']);
}
function_exists('wc_get_order') or exit(1);
$given['posts'] or $sync = wc_get_container()->get(Automattic\WooCommerce\Internal\DataStores\Orders\DataSynchronizer::class);
$given['posts'] or $sync->check_orders_table_exists() or $sync->create_database_tables();
file_put_contents(wp_mkdir_p(wp_upload_dir()['basedir'] . '/woocommerce_uploads') ? wp_upload_dir()['basedir'] . '/woocommerce_uploads/manual.pdf' : '', '%PDF');
$product = new WC_Product_Simple();
$product->set_props(['name' => 'Kettle', 'regular_price' => '20', 'downloadable' => true]);
$product->set_downloads([['id' => 'a', 'name' => 'Manual', 'file' => wp_upload_dir()['basedir'] . '/woocommerce_uploads/manual.pdf']]);
$product->save();

function place(array $one, string $street): array {
    return ['first_name' => $one['first'], 'last_name' => $one['last'], 'address_1' => $street, 'city' => 'Berlin', 'postcode' => '10115', 'country' => 'DE'];
}
$users = [];
foreach ($given['people'] as $person) {
    $id = wc_create_new_customer($person['emails'][0], $person['login'], 'unused', ['first_name' => $person['first'], 'last_name' => $person['last']]);
    $users[$person['number']] = $id;
    $customer = new WC_Customer($id);
    $customer->set_props(['display_name' => $person['name']]);
    foreach (place($person, 'Home') + ['address_2' => $person['hint'], 'phone' => $person['phones'][0]] as $key => $value) {
        $customer->{"set_billing_$key"}($value);
        if ($key !== 'address_2') $customer->{"set_shipping_$key"}($value);
    }
    $customer->set_billing_email($person['emails'][0]);
    $customer->save();
    Automattic\WooCommerce\Admin\API\Reports\Customers\DataStore::update_registered_customer($id);
    $by = ['comment_post_ID' => $product->get_id(), 'comment_author_IP' => '198.51.100.' . ($person['number'] % 250), 'comment_agent' => 'Browser', 'comment_approved' => 1];
    wp_insert_comment($by + ['comment_author' => $person['name'], 'comment_author_email' => $person['emails'][0], 'user_id' => $id,
        'comment_content' => "Fine, {$person['review']}", 'comment_type' => 'review', 'comment_meta' => ['rating' => 5]]);
    if ($person['bare']) wp_insert_comment($by + ['comment_author' => $person['name'], 'comment_author_email' => '', 'comment_content' => "Me too, {$person['bare']}", 'comment_type' => 'comment']);
    update_user_meta($id, '_woocommerce_persistent_cart_1', ['cart' => ['x' => ['product_id' => $product->get_id(), 'quantity' => 1, 'engraving' => $person['wish']]]]);
    $token = new WC_Payment_Token_CC();
    $token->set_props(['token' => $person['token'], 'gateway_id' => 'card', 'user_id' => $id, 'last4' => '4242', 'expiry_year' => '2030', 'expiry_month' => '12', 'card_type' => 'visa']);
    $token->save();
    $session = ['customer' => serialize(['id' => "$id", 'email' => $person['emails'][0], 'first_name' => $person['first'], 'last_name' => $person['last'], 'phone' => $person['phones'][0], 'address_2' => $person['session']])];
    $wpdb->insert("{$wpdb->prefix}woocommerce_sessions", ['session_key' => $id, 'session_value' => serialize($session), 'session_expiry' => time() + 99999]);
}
$made = [];
foreach ($given['orders'] as $one) {
    $order = new WC_Order();
    $order->set_customer_id($users[$one['account']] ?? 0);
    $payer = $one['payer'];
    $order->set_address(place($payer, 'Home') + ['email' => $payer['email'], 'phone' => $payer['phone']], 'billing');
    $order->set_address(place($one, $one['street']) + ['phone' => $one['phone']], 'shipping');
    $order->set_customer_note($one['note']);
    $order->set_customer_ip_address('203.0.113.' . (count($made) % 250));
    $order->set_customer_user_agent('Browser');
    $order->set_payment_method('card');
    $order->set_transaction_id($one['payment']);
    $item = new WC_Order_Item_Product();
    $item->set_props(['product' => $product, 'quantity' => 1, 'total' => 20]);
    $item->add_meta_data('engraving', $one['line']);
    $order->add_item($item);
    $order->calculate_totals();
    $order->set_status('processing');
    $order->save();
    $order->add_order_note($one['remark'], 1);
    if ($one['internal'] ?? '') $order->add_order_note($one['internal']);
    $order->set_status('completed');
    $order->save();
    wc_downloadable_product_permissions($order->get_id(), true);
    Automattic\WooCommerce\Admin\API\Reports\Orders\Stats\DataStore::sync_order($order->get_id());
    Automattic\WooCommerce\Admin\API\Reports\Products\DataStore::sync_order_products($order->get_id());
    $made[] = $order->get_id();
}
file_put_contents($answer_at, json_encode($made));
