(select access.sees_detail()) and {{rule}}
