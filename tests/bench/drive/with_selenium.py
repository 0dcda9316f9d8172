"""Selenium as a driver in the bench. with_selenium.py BROWSER BASE WORK..."""
import glob
import os
import resource
import sys
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.ui import WebDriverWait

program, base, works = sys.argv[1], sys.argv[2], sys.argv[3:]
now = time.monotonic
CALLS = 50


def say(work, value):
    print("%s %.9f" % (work, value), flush=True)


def server_use(driver):
    """CPU seconds and peak MB of chromedriver, which is half of this driver."""
    pid = driver.service.process.pid
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    with open("/proc/%d/status" % pid) as f:
        peak = [int(line.split()[1]) for line in f if line.startswith("VmHWM")][0] / 1024
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak


def cpu(driver):
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime + server_use(driver)[0]


def timed(work, fn):
    start = now()
    fn()
    say(work, now() - start)


def cold(d):
    d.get(base + "/title")
    assert d.title == "cold"


def evaluate(d):
    d.get(base + "/form")
    for _ in range(50):
        d.execute_script("return 1+1")
    for _ in range(200):
        timed("eval", lambda: d.execute_script("return 1+1"))
    start = cpu(d)
    for _ in range(200):
        d.execute_script("return 1+1")
    say("eval_cpu", (cpu(d) - start) / 200)


def click(d):
    d.get(base + "/form")
    for _ in range(30):
        timed("click", lambda: d.find_element(By.CSS_SELECTOR, "#go").click())
    assert d.execute_script("return hits") == 30


def fill(d):
    d.get(base + "/form")

    def one(text):
        field = d.find_element(By.CSS_SELECTOR, "#name")
        field.clear()
        field.send_keys(text)

    for i in range(20):
        timed("fill", lambda: one("value %d" % i))
    for _ in range(10):
        d.execute_script("document.querySelector('#name').value = ''")
        timed("type", lambda: d.find_element(By.CSS_SELECTOR, "#name").send_keys("fourteen chars"))


def wait(d):
    d.get(base + "/wait")
    best = 1e9
    for _ in range(50):
        before = now()
        its = d.execute_script("return performance.now()") / 1000
        after = now()
        if after - before < best:
            best, offset = after - before, (before + after) / 2 - its
    for _ in range(15):
        d.execute_script("later(20 + Math.random() * 30)")
        WebDriverWait(d, 10).until(expected_conditions.presence_of_element_located((By.CSS_SELECTOR, "#late")))
        at = now()
        say("wait", at - (d.execute_script("return changed_at") / 1000 + offset))


def download(d):
    """It has no event for the end: the folder is looked at once a second, as scripts do."""
    folder = tempfile.mkdtemp(prefix="karun-bench-")
    d.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
    d.get(base + "/wait")
    for i in range(3):
        d.find_element(By.CSS_SELECTOR, "#get").click()
        deadline = now() + 30
        while now() < deadline and (not os.path.exists(folder + "/file.bin") or glob.glob(folder + "/*.crdownload")):
            time.sleep(1)
        at = now()
        say("download", at - d.execute_async_script("const done = arguments[0]; fetch('/ended').then(r => r.json()).then(v => done(v.value))"))
        os.remove(folder + "/file.bin")  # the next of the same name would be written over it
    os.rmdir(folder)


def big(d):
    d.get(base + "/form")
    for _ in range(3):
        timed("big", lambda: d.execute_script("return 'x'.repeat(10485760)"))


def pages(d):
    d.get(base + "/form")
    for _ in range(7):
        d.switch_to.new_window("tab")
        d.get(base + "/form")
    start = now()
    for _ in range(10):
        for handle in d.window_handles:
            d.switch_to.window(handle)
            d.execute_script("return 1+1")
    say("pages", (now() - start) / 80)


def text(d):
    d.get(base + "/many")
    for _ in range(5):
        timed("texts", lambda: d.execute_script("return [...document.querySelectorAll('.hit')].map(e => e.innerText)"))
    start = now()
    for i in range(CALLS):
        d.find_element(By.CSS_SELECTOR, "#hit%d" % i).text
    say("text1000", (now() - start) * 1000 / CALLS)


ALL = {"cold": cold, "eval": evaluate, "click": click, "fill": fill, "wait": wait, "download": download, "big": big,
       "pages": pages, "text": text}

options = webdriver.ChromeOptions()
options.binary_location = program
options.add_argument("--headless=new")
options.add_argument("--no-sandbox")
driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
for name in works:
    ALL[name](driver)
served, peak = server_use(driver)
driver.quit()
if works[0] == "cold":
    use = resource.getrusage(resource.RUSAGE_SELF)
    say("cold_cpu", use.ru_utime + use.ru_stime + served)
    say("cold_rss", use.ru_maxrss / 1024 + peak)
