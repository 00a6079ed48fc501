//! The tree of categories.

use super::*;

#[test]
fn a_category_is_added_renamed_and_deleted() {
    let mut desk = Desk::new();
    let id = desk.data("add_category", json!({ "name": "悬疑", "parentId": DRAMAS }));
    let shown = desk.data("get_category", json!({ "cateId": id }));
    let category = json!({ "cateId": id.to_string(), "cateName": "悬疑", "parentId": DRAMAS });
    assert_eq!((&shown["category"], &shown["subCategoryTotal"]), (&category, &json!(0)));
    desk.data("update_category", json!({ "cateId": id, "cateName": "悬疑归档" }));
    assert_eq!(desk.data("get_category", json!({ "cateId": id }))["category"]["cateName"], "悬疑归档");
    let vid = desk.upload("第1集", &id.to_string());
    assert_eq!(desk.basic(&vid)["cateId"], id);
    desk.data("delete_category", json!({ "cateId": id }));
    assert_eq!(desk.refused("get_category", json!({ "cateId": id })), 3001);
    assert_eq!(desk.basic(&vid)["cateName"], "默认分类", "its videos go to the root");
}

#[test]
fn the_main_account_does_the_same_in_its_own_words() {
    let mut desk = Desk::new();
    let added = desk.data("v2_add_category", json!({ "cataname": "悬疑", "parentid": DRAMAS }));
    let id = text(&added["cataid"]);
    assert_eq!(added["catatree"], format!("1,{DRAMAS},{id}"));
    assert_eq!(desk.data("v2_rename_category", json!({ "cataid": id, "cataname": "悬疑归档" })), true);
    desk.upload("第1集", &id);
    let node = desk.data("v2_get_categories", json!({ "cataid": id }))[0].clone();
    assert_eq!(
        (&node["cataname"], &node["videos"], &node["parentid"]),
        (&json!("悬疑归档"), &json!(1), &json!(DRAMAS))
    );
    assert_eq!(desk.data("v2_delete_category", json!({ "cataid": id })), true);
    for (operation, fields) in [
        ("v2_get_categories", json!({ "cataid": id })),
        ("v2_rename_category", json!({ "cataid": id, "cataname": "x" })),
        ("v2_delete_category", json!({ "cataid": id })),
        ("v2_add_category", json!({ "cataname": "x", "parentid": id })),
    ] {
        assert_eq!(desk.refusal(operation, fields).message, "category not exist", "{operation}");
    }
    let tree = desk.data("v2_get_categories", json!({}));
    assert_eq!((&tree[0]["cataid"], &tree[0]["parentid"]), (&json!("1"), &json!("0")));
    assert_eq!(tree[0]["nodes"][0]["nodes"][2]["cataname"], "甜宠");
}

#[test]
fn categories_below_one_are_shown_page_by_page() {
    let mut desk = Desk::new();
    let page = |number: i64| json!({ "cateId": "1", "page": number, "pageSize": 3 });
    let (first, last) = (desk.data("get_category", page(1)), desk.data("get_category", page(2)));
    assert_eq!((&first["subCategoryTotal"], rows(&first["subCategories"]).len()), (&json!(4), 3));
    assert_eq!(rows(&last["subCategories"]).len(), 1);
    assert_eq!(desk.data("get_category", page(3))["subCategories"], json!([]));
}

#[test]
fn a_category_that_is_not_there_is_refused() {
    let mut desk = Desk::new();
    for (operation, fields) in [
        ("get_category", json!({ "cateId": "99" })),
        ("add_category", json!({ "name": "x", "parentId": 99 })),
        ("update_category", json!({ "cateId": "99", "cateName": "x" })),
        ("delete_category", json!({ "cateId": "99" })),
        ("update_category_profile", json!({ "cateId": "99" })),
    ] {
        let refusal = desk.refusal(operation, fields);
        assert_eq!((refusal.code, refusal.message.as_str()), (3001, "category not exist"), "{operation}");
    }
}

#[test]
fn names_have_their_lengths() {
    let mut desk = Desk::new();
    let added = |name: String| json!({ "cataname": name, "parentid": "1" });
    desk.data("v2_add_category", added("剧".repeat(40)));
    assert_eq!(desk.refused("v2_add_category", added("剧".repeat(41))), 400);
    assert_eq!(desk.refused("v2_add_category", added(String::new())), 400);
    assert_eq!(desk.refused("add_category", json!({})), 400);
    assert_eq!(desk.refused("delete_category", json!({ "cateId": "1" })), 400, "the root stays");
}

#[test]
fn the_settings_of_a_category_hold_for_its_new_videos() {
    let mut desk = Desk::new();
    let mut new_video = |profile: Value| {
        let mut fields = json!({ "cateId": SWEET, "encryptLevel": "wxa_app", "encrypt": 1, "encodeAAC": 1 });
        fields.as_object_mut().unwrap().extend(profile.as_object().unwrap().clone());
        desk.data("update_category_profile", fields);
        let vid = desk.upload("新的一集", SWEET);
        let message = desk.message(&vid);
        (
            message["seed"].clone(),
            message["hlsLevel"].clone(),
            message["keepsource"].clone(),
            message["mp4"].is_string(),
        )
    };
    let open = json!("open");
    assert_eq!(new_video(json!({})), (json!(0), open.clone(), json!(0), true));
    assert_eq!(new_video(json!({ "enabled": "Y" })), (json!(1), json!("wxa_app"), json!(0), false));
    assert_eq!(new_video(json!({ "enabled": "Y", "keepSource": 1 })), (json!(0), open, json!(1), true));
    assert_eq!(desk.refused("update_category_profile", json!({ "cateId": SWEET, "encryptLevel": "strong" })), 400);
}
