# syntax=docker/dockerfile:1

FROM python:3.13-slim-bookworm AS build
WORKDIR /source
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/cif && python -m venv /opt/build
COPY requirements.lock requirements-build.lock ./
RUN /opt/cif/bin/pip install --require-hashes -r requirements.lock \
    && /opt/build/bin/pip install --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md ./
COPY cif_engine cif_engine
COPY api api
COPY migrations migrations
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheel . \
    && /opt/cif/bin/pip install --no-deps --no-index /wheel/*.whl \
    && /opt/cif/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin cif
COPY --from=build /opt/cif /opt/cif
ENV MPLCONFIGDIR=/tmp/matplotlib \
    PATH=/opt/cif/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /tmp
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["cif", "serve", "--host", "0.0.0.0", "--port", "8000"]
