"""YAML as Kubernetes reads it strictly: a key that is there twice is a mistake."""

import yaml


class _Loader(yaml.CSafeLoader):
    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"twice: {', '.join(twice)}", node.start_mark)
        return super().construct_mapping(node, deep)


def load(text):
    return yaml.load(text, _Loader)


def load_all(text):
    return list(yaml.load_all(text, _Loader))
